"""Measures the answers of the pages on the data of a demo, compared with a file that needs no database.

The pages run as in Airflow, without its login and its frame, in a process of their own. Each page is made
anew some times, by addresses that nobody has opened, alone and by ten readers at once; then readers open the
same address one after the other, then ten at once. Run `make demo-once` before, then `make bench-pages`.
"""

import multiprocessing
import statistics
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial

import requests
import uvicorn
from fastapi import FastAPI
from rich.console import Console
from rich.table import Table
from sqlalchemy import URL

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
BASELINE = "static/pages.css"
PAGES = (
    BASELINE,
    "overview",
    "ratings",
    "method/climate_world",
    "workbench/climate_world?weight.waste=0.12",
    "city/guangzhou",
    "compare?cities=moscow,guangzhou",
    "indicator/PT_ACCESS",
    "trends",
    "trends/places",
    "best-practices",
    "coverage",
    "catalogue",
    "loads",
    "quality",
    "downloads",
    "chart/ranks.json?rating=climate_world&period=2023",
    "chart/ranks-over-time.json?rating=climate_world",
)


def main() -> None:
    """Print the times of each page."""
    settings = Settings()
    with postgres.serving(settings) as server, served(server.url(databases.WAREHOUSE, "etl"), settings):
        anew = {page: [request(unopened(page, number)) for number in range(TIMES_ANEW)] for page in PAGES}
        at_once = {page: times_anew(page, READERS) for page in PAGES}
        alone = {page: times(page, 1) for page in PAGES}
        together = {page: times(page, READERS) for page in PAGES}
    columns = (
        "anew: median, ms",
        "p95, ms",
        "ratio to the file",
        f"anew, of {READERS}: p95, ms",
        "opened again: p95, ms",
        f"of {READERS}, ms",
    )
    table = Table("page", *columns, title="Pages")
    base = statistics.median(anew[BASELINE])
    for page in PAGES:
        median = statistics.median(anew[page])
        again = (p95(at_once[page]), p95(alone[page]), p95(together[page]))
        table.add_row(
            page.partition("?")[0],
            *(f"{1000 * seconds:.0f}" for seconds in (median, p95(anew[page]))),
            f"{median / base:.1f}",
            *(f"{1000 * seconds:.0f}" for seconds in again),
        )
    Console().print(table, "target: p95 at most 150 ms")


def unopened(page: str, number: int) -> str:
    """An address of the page that nobody has opened: more digits of a weight, or an unknown parameter."""
    if page.startswith("workbench/"):
        return f"{page}{number:02}"
    return f"{page}{'&' if '?' in page else '?'}unopened={number}"


@contextmanager
def served(warehouse: URL, settings: Settings) -> Iterator[None]:
    """The pages at ROOT during the block."""
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
    yield
    process.kill()


def serve(warehouse: str, settings: Settings) -> None:
    """Serve the pages to anybody."""
    from sqlalchemy import make_url

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


def times_anew(page: str, readers: int) -> list[float]:
    """Seconds of each of some readers who open at once an address that nobody has opened before."""
    with ThreadPoolExecutor(readers) as pool:
        return [
            seconds
            for number in range(TIMES_ANEW, 2 * TIMES_ANEW)
            for seconds in pool.map(request, [unopened(page, number)] * readers)
        ]


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
