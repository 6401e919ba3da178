"""Runs each command and query of README.md and docs/tutorial.md beside the running demo, in order."""

import subprocess
from pathlib import Path

from sqlalchemy import create_engine

from city_indicators.core.paths import PROJECT
from city_indicators.orchestration.rest import AirflowApi
from standalone import databases, postgres
from standalone.settings import REPORT_DAGS, Settings
from standalone.shell import environment_of_running
from tests import readme
from tests.end_to_end.waiting import until

PATIENCE_SECONDS = 900.0
NEEDED = (".venv", "docs", "plugins")
# Other tests run the targets of make; here nobody starts a second demo.
MAKE = f"make() {{ command make --dry-run --directory '{PROJECT}' \"$@\" > make.log; }}\n"


def follow(home: Path, api: AirflowApi, folder: Path) -> dict[str, list[tuple[object, ...]]]:
    """Run the pages' blocks in a folder that looks like the checkout; the rows of their queries, by query."""
    settings = Settings(home=home)
    folder.mkdir()
    for name in NEEDED:
        (folder / name).symlink_to(PROJECT / name)
    found = {}
    for language, block in (each for page in readme.FOLLOWED for each in readme.blocks(page)):
        if language == "sh":
            _run(block, environment_of_running(settings), folder)
            at_rest(api, settings)
        elif language == "sql":
            found |= _query(block, settings)
    return found


def at_rest(api: AirflowApi, settings: Settings) -> None:
    """Wait until no ingestion, refresh or backfill is running."""
    ingestions = [source.dag_id for source in settings.sources()]
    until(
        lambda: (
            not api.open_backfill("ingest_world_bank")
            and not api.count_runs([*ingestions, *REPORT_DAGS], ("queued", "running"))
            and not _unreported(settings)
        ),
        PATIENCE_SECONDS,
    )


def _unreported(settings: Settings) -> int:
    return databases.progress(postgres.find(settings)).loads_not_in_report


def _run(script: str, environment: dict[str, str], folder: Path) -> None:
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", MAKE + script],
        env=environment,
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{script}\n{done.stdout}\n{done.stderr}"


def _query(queries: str, settings: Settings) -> dict[str, list[tuple[object, ...]]]:
    """The rows of each query, as the role that `make psql` opens."""
    url = postgres.find(settings).url(databases.WAREHOUSE, "researcher")
    found = {}
    with create_engine(url).connect() as connection:
        for query in filter(str.strip, queries.split(";")):
            rows = [tuple(row) for row in connection.exec_driver_sql(query)]
            assert rows, f"no rows: {query}"
            found[query.strip()] = rows
    return found
