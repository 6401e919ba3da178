"""Tries every corruption and writes the table of docs/explanation/corruptions.md: `make corruption`."""

import sys
import tempfile
from collections import Counter
from pathlib import Path

from sqlalchemy import create_engine

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
OUTCOMES = ("refused", "rejected", "warned", "harmless", "silent")


def main(only: list[str]) -> None:
    """Try all cases, of the given sources or of all, and write the table if all were tried."""
    catalogue = load_catalogue()
    found: list[Verdict] = []
    with tempfile.TemporaryDirectory(prefix="ci-corruption-") as home:
        settings = Settings(home=Path(home))
        settings.make_folders()
        with Stack(settings) as stack:
            server = postgres.start(stack)
            databases.create(server)
            url = server.url(databases.WAREHOUSE, "etl")
            upgrade(url)
            sync(url)
            engine = create_engine(url)
            for source in sources(catalogue):
                if not only or source.id in only:
                    with engine.connect() as connection, tempfile.TemporaryDirectory() as folder:
                        for verdict in verdicts(source, catalogue, connection, Path(folder)):
                            found.append(verdict)
                            case = verdict.case
                            print(
                                f"{verdict.outcome:9}{case.phase:7}{case.source:22}{case.indicator:22}{case.kind:20}"
                                f"{verdict.wrong:6} {verdict.said[:150]}",
                                flush=True,
                            )
            engine.dispose()
    if not only:
        text = PAGE.read_text(encoding="utf-8")
        before, _, rest = text.partition(BEGIN)
        PAGE.write_text(f"{before}{BEGIN}\n{table(found)}{END}{rest.partition(END)[2]}", encoding="utf-8")


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
