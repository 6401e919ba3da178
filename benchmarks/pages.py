"""Measures the answers of the pages on the data of a demo, compared with a file that needs no database.

The pages run as in Airflow, without its login and its frame, in a process of their own. First ten readers
click through all pages and languages, about once a second each, while nothing was opened before. Then each
page is made anew some times, by addresses that nobody has opened, alone and by ten readers at once, each with
an address of their own; then readers open the same address one after the other, then ten at once. Run
`make demo-once` before, then `make bench-pages`, or `make bench-pages CITIES=12000` for a copy of the
warehouse in which the demo's cities are copied until there are so many.
"""

import multiprocessing
import random
import statistics
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

import requests
import uvicorn
from fastapi import FastAPI
from rich.console import Console
from rich.table import Table
from sqlalchemy import URL, make_url

from benchmarks.scale.copies import copied
from benchmarks.scale.measure import spent
from city_indicators.core.archive import Archive
from city_indicators.delivery.web.app import create_app
from city_indicators.delivery.web.pages import Scheduler, Services
from city_indicators.ingest.validation.data_docs_site import Site
from standalone import databases, postgres
from standalone.settings import Settings

PORT = 8098
ROOT = f"http://127.0.0.1:{PORT}/city-indicators"
READERS = 10
TIMES = 30
TIMES_ANEW = 12
CLICKS = 40
"""Of each reader who clicks about once a second."""
BASELINE = "static/pages.css"
WORKBENCH = "workbench/climate_world?weight.waste=0.12"
PAGES = (
    BASELINE,
    "overview",
    "ratings",
    "cities",
    "method/climate_world",
    WORKBENCH,
    "city/guangzhou",
    "compare?cities=moscow,guangzhou",
    "indicators",
    "indicator/PT_ACCESS",
    "indicator/POP_AGGLO",
    "trends",
    "trends/places",
    "best-practices",
    "best-practices?problem_of=moscow",
    "coverage",
    "coverage?rating=",
    "catalogue",
    "loads",
    "quality",
    "downloads",
    "chart/ranks.json?rating=climate_world&period=2023",
    "chart/contributions.json?rating=climate_world&period=2023",
    "chart/ranks-over-time.json?rating=climate_world",
    "chart/rating-map.json?rating=climate_world&period=2023",
    "chart/indicator-latest.json?indicator=PT_ACCESS",
    "chart/indicator-distribution.json?indicator=PT_ACCESS",
    "chart/indicator-map.json?indicator=PT_ACCESS",
    "chart/coverage-map.json",
    "chart/compare.json?cities=moscow,guangzhou",
)
FEW = 1000
"""With more cities the workbench is left out: it rates them all anew, which takes seconds."""


@dataclass(frozen=True)
class Anew:
    """Seconds by the clock of a page made anew, each time; means of processors, ours and PostgreSQL's."""

    seconds: list[float]
    ours: float
    database: float


def main() -> None:
    """Print the times of each page; an argument is the number of cities."""
    cities = int(sys.argv[1]) if len(sys.argv) > 1 else 0
    settings = Settings()
    pages = [page for page in PAGES if cities <= FEW or page != WORKBENCH]
    with (
        postgres.serving(settings) as server,
        warehouse_of(server, cities) as warehouse,
        served(warehouse, settings) as process,
    ):
        session = clicked(pages[1:])
        database = int((settings.pgdata / "postmaster.pid").read_text(encoding="utf-8").split()[0])
        anew = {page: made_anew(page, process, database) for page in pages}
        at_once = {page: times_anew(page) for page in pages}
        alone = {page: times(page, 1) for page in pages}
        together = {page: times(page, READERS) for page in pages}
    columns = (
        "anew: median, ms",
        "p95, ms",
        "ratio to the file",
        "CPU, ms",
        "of PostgreSQL, ms",
        f"anew, of {READERS}: p95, ms",
        "opened again: p95, ms",
        f"of {READERS}, ms",
    )
    table = Table("page", *columns, title="Pages")
    base = statistics.median(anew[BASELINE].seconds)
    for page in pages:
        each = anew[page]
        median = statistics.median(each.seconds)
        again = (p95(at_once[page]), p95(alone[page]), p95(together[page]))
        table.add_row(
            page,
            *(f"{1000 * seconds:.0f}" for seconds in (median, p95(each.seconds))),
            f"{median / base:.1f}",
            *(f"{1000 * seconds:.0f}" for seconds in (each.ours, each.database, *again)),
        )
    target = 500 if cities > FEW else 150
    shown = f"{READERS} readers, a click a second: median {1000 * statistics.median(session):.0f} ms, "
    Console(width=170).print(
        table, f"{shown}p95 {1000 * p95(session):.0f} ms; target: p95 at most {target} ms"
    )


@contextmanager
def warehouse_of(server: postgres.Server, cities: int) -> Iterator[URL]:
    """The demo's warehouse, or with a number of cities a copy with so many."""
    if cities:
        with copied(server, cities) as url:
            yield url
    else:
        yield server.url(databases.WAREHOUSE, "etl")


def made_anew(page: str, process: int, database: int) -> Anew:
    """The cost of a page, each time by an address that nobody has opened.

    The time of processors is without that of the first one, which compiles the template.
    """
    first = request(unopened(page, 0))
    before = spent(process), spent(database)
    seconds = [request(unopened(page, number)) for number in range(1, TIMES_ANEW)]
    ours, of_database = (
        (after - then) / len(seconds)
        for after, then in zip((spent(process), spent(database)), before, strict=True)
    )
    return Anew([first, *seconds], ours, of_database)


def unopened(page: str, number: int) -> str:
    """An address of the page that nobody has opened: more digits of a weight, or an unknown parameter."""
    if page.startswith("workbench/"):
        return f"{page}{number:02}"
    return f"{page}{'&' if '?' in page else '?'}unopened={number}"


@contextmanager
def served(warehouse: URL, settings: Settings) -> Iterator[int]:
    """The pages at ROOT during the block, by a process with this id."""
    process = multiprocessing.get_context("spawn").Process(
        target=serve, args=(warehouse.render_as_string(hide_password=False), settings), daemon=True
    )
    process.start()
    while True:
        try:
            requests.get(f"{ROOT}/{BASELINE}", timeout=60)
            break
        except requests.ConnectionError:
            time.sleep(0.2)
    yield process.pid or 0
    process.kill()
    process.join()


def serve(warehouse: str, settings: Settings) -> None:
    """Serve the pages to anybody."""
    home = settings.home
    services = Services(
        partial(make_url, warehouse),
        lambda: Site(home / "data_docs"),
        lambda: Archive(home / "archive"),
        lambda: None,
        Scheduler,
    )
    ui = FastAPI()
    ui.mount("/city-indicators", create_app(lambda: None, services))
    uvicorn.run(ui, port=PORT, log_level="error")


def times(page: str, readers: int) -> list[float]:
    """Seconds of each of TIMES requests per reader, after one that warms up."""
    request(page)
    with ThreadPoolExecutor(readers) as pool:
        return list(pool.map(lambda _: request(page), range(TIMES * readers)))


def times_anew(page: str) -> list[float]:
    """Seconds of each of READERS readers who open at once addresses that nobody has opened before."""
    with ThreadPoolExecutor(READERS) as pool:
        return [
            seconds
            for number in range(1, TIMES_ANEW)
            for seconds in pool.map(
                request, [unopened(page, READERS * number + TIMES_ANEW + each) for each in range(READERS)]
            )
        ]


def clicked(pages: list[str]) -> list[float]:
    """Seconds of each request of READERS readers who open pages at random, in any language."""

    def reader(number: int) -> list[float]:
        chance = random.Random(number)  # noqa: S311
        seconds = []
        for _ in range(CLICKS):
            time.sleep(2 * chance.random())
            page = chance.choice(pages)
            language = chance.choice(["en", "ru", "zh"])
            seconds.append(request(f"{page}{'&' if '?' in page else '?'}language={language}"))
        return seconds

    with ThreadPoolExecutor(READERS) as pool:
        return [seconds for each in pool.map(reader, range(READERS)) for seconds in each]


def request(page: str) -> float:
    """Seconds until the answer is complete."""
    begun = time.perf_counter()
    answer = requests.get(f"{ROOT}/{page}", timeout=60)
    seconds = time.perf_counter() - begun
    answer.raise_for_status()
    return seconds


def p95(seconds: list[float]) -> float:
    """The 95th percentile."""
    return statistics.quantiles(seconds, n=20)[-1]


if __name__ == "__main__":
    main()
