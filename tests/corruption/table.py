"""Tries every corruption and writes the table of docs/explanation/corruptions.md: `make corruption`."""

import sys
import tempfile
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from sqlalchemy import URL, create_engine

from city_indicators.catalog import load_catalogue
from city_indicators.core.paths import PROJECT
from city_indicators.warehouse.catalog_sync import sync
from city_indicators.warehouse.upgrade import upgrade
from standalone import databases, postgres
from standalone.settings import Settings
from standalone.stack import Stack
from tests.corruption.kinds import KINDS, UNIT
from tests.corruption.suite import PHASES, Verdict, sources, verdicts

PAGE = PROJECT / "docs/explanation/corruptions.md"
BEGIN, END = "<!-- corruptions -->", "<!-- end -->"
PROCESSES = 2
OUTCOMES = ("refused", "rejected", "warned", "harmless", "silent")


def main(only: list[str]) -> None:
    """Try all cases, of the given sources or of all, and write the table if all were tried."""
    names = [source.id for source in sources(load_catalogue()) if not only or source.id in only]
    with tempfile.TemporaryDirectory(prefix="ci-corruption-") as home:
        settings = Settings(home=Path(home))
        settings.make_folders()
        with Stack(settings) as stack:
            server = postgres.start(stack)
            databases.create(server)
            url = server.url(databases.WAREHOUSE, "etl")
            upgrade(url)
            sync(url)
            copies = [(name, _copy(server, name)) for name in names]
            with ProcessPoolExecutor(PROCESSES) as pool:
                found = [verdict for of_source in pool.map(_tried, copies) for verdict in of_source]
    if not only:
        text = PAGE.read_text(encoding="utf-8")
        before, _, rest = text.partition(BEGIN)
        PAGE.write_text(f"{before}{BEGIN}\n{table(found)}{END}{rest.partition(END)[2]}", encoding="utf-8")


def _copy(server: postgres.Server, name: str) -> URL:
    """A warehouse of its own for a source."""
    admin = create_engine(server.admin, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.exec_driver_sql(f"create database {name} template {databases.WAREHOUSE} owner etl")
    admin.dispose()
    return server.url(name, "etl")


def _tried(copy: tuple[str, URL]) -> list[Verdict]:
    name, url = copy
    catalogue = load_catalogue()
    engine = create_engine(url)
    found = []
    with engine.connect() as connection, tempfile.TemporaryDirectory() as folder:
        for verdict in verdicts(catalogue.sources[name], catalogue, connection, Path(folder)):
            found.append(verdict)
            case = verdict.case
            line = (verdict.outcome, case.phase, case.source, case.indicator, case.kind, verdict.said[:150])
            print(*line, sep=" | ", flush=True)
    engine.dispose()
    return found


def table(found: list[Verdict]) -> str:
    """Kinds and phases as rows, outcomes as columns, each with its number of cases."""
    counts = Counter((each.case.kind, each.case.phase, each.outcome) for each in found)
    lines = ["| kind | load | " + " | ".join(OUTCOMES) + " |", "|---|---|" + "--:|" * len(OUTCOMES)]
    for kind in [*KINDS, UNIT]:
        for phase in PHASES:
            cells = (str(counts[kind, phase, outcome] or "") for outcome in OUTCOMES)
            lines.append(f"| {kind} | {phase} a good one | " + " | ".join(cells) + " |")
    totals = (str(sum(1 for each in found if each.outcome == outcome)) for outcome in OUTCOMES)
    lines.append("| all | | " + " | ".join(totals) + " |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main(sys.argv[1:])
