"""Runs `make demo` twice: every service, every DAG run, and every command of README and tutorial."""

import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest
from sqlalchemy import Connection, create_engine, text

from city_indicators.orchestration.rest import AirflowApi
from standalone import databases, postgres
from standalone.credentials import Credentials
from standalone.loading import LIMIT_SECONDS
from standalone.services import START_SECONDS
from standalone.settings import Settings
from standalone.stack import State
from tests.browser import visits
from tests.browser.questions import answer_all
from tests.browser.window import at_home_in_airflow, sign_in
from tests.end_to_end import evidence_by_hand, hostile_files, readme_followed, ui_routes, worked
from tests.end_to_end.waiting import until

DEMO = """
import sys
from pathlib import Path
from rich.console import Console
from standalone.demo import Mode, run
from standalone.settings import Settings
mode = Mode(sample=True, stay=sys.argv[2] == "demo")
sys.exit(run(Settings(home=Path(sys.argv[1])), mode, Console(width=100)))
"""

YEARS = 26
UP = "sign in, as administrator or as viewer"
MOST_SECONDS = LIMIT_SECONDS + 2 * START_SECONDS


def demo_once(home: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-c", DEMO, str(home), "demo-once"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@contextmanager
def demo(home: Path) -> Iterator[str]:
    """What the demo printed when it had loaded everything; it is interrupted after the block."""
    log = home.with_name("printed.txt")
    command = [sys.executable, "-u", "-c", DEMO, str(home), "demo"]
    deadline = time.monotonic() + MOST_SECONDS
    with log.open("wb") as out, subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT) as running:
        try:
            while UP not in (printed := log.read_text(encoding="utf-8")):
                assert running.poll() is None, printed
                assert time.monotonic() < deadline, printed
                time.sleep(1)
            yield printed
        finally:
            running.send_signal(signal.SIGINT)
    assert running.returncode == 0, log.read_text(encoding="utf-8")


@contextmanager
def warehouse(home: Path) -> Iterator[Connection]:
    """The warehouse as its owner, in the running demo or in a server started for this."""
    with (
        postgres.serving(Settings(home=home)) as server,
        create_engine(server.url(databases.WAREHOUSE, "etl")).connect() as connection,
    ):
        yield connection


def airflow_api(home: Path) -> AirflowApi:
    """The API of the running demo, for its administrator."""
    settings = Settings(home=home)
    state = State.read(settings.state)
    assert state is not None
    api = AirflowApi(state.ui, "admin", Credentials.load_or_make(settings.secrets).passwords["admin"])
    api.sign_in()
    return api


def pages_are_answered(api: AirflowApi) -> None:
    """Every route that a page of Airflow's UI reads answers, with every option."""
    filled = ui_routes.of_a_run(api, "ingest_world_bank", "validate")
    failed = {
        route: status for route, status in ui_routes.without_options(api, filled).items() if status != 200
    }
    assert failed == ui_routes.NOT_IN_THE_DEMO
    with_options = ui_routes.with_options(api, filled)
    assert ("/ui/structure/structure_data", "external_dependencies", "True") in with_options
    assert {route: status for route, status in with_options.items() if status >= 500} == {}
    assert set(ui_routes.posted(api, filled).values()) == {200}
    by_assets = ui_routes.without_options(api, ui_routes.of_a_run(api, "refresh_reports", "refresh"))
    assert {route: status for route, status in by_assets.items() if status >= 500} == {}


def dags_are_found(api: AirflowApi) -> None:
    """The list of DAGs finds each by its id, and with the advanced search by the name of a source."""

    def found(**search: str) -> list[str]:
        listed = api._session.get(f"{api.url}/ui/dags", params={"limit": 100, **search}, timeout=60).json()
        return [dag["dag_id"] for dag in listed["dags"]]

    for dag_id in found():
        assert dag_id in found(dag_display_name_prefix_pattern=dag_id)
    assert found(dag_display_name_prefix_pattern="plan_backfill") == ["plan_backfill"]
    assert found(dag_display_name_pattern="World Bank") == ["ingest_world_bank"]


def questions_are_answered(home: Path, api: AirflowApi) -> None:
    """A researcher finds ten answers by clicks, and the pages are at home in Airflow's window."""
    if not visits.installed():
        return
    password = Credentials.load_or_make(Settings(home=home).secrets).passwords["admin"]
    with visits.chromium() as browser, warehouse(home) as connection:
        page = browser.new_page(viewport=visits.WIDE)
        sign_in(page, api.url, password)
        overview = f"{api.url}/city-indicators/overview?language=en"
        assert len(answer_all(page, overview, connection)) == 10
        at_home_in_airflow(page, api.url)


def failed_by_hand(api: AirflowApi) -> str:
    """Trigger an ingestion without a logical date, which fails permanently; return the run's id."""
    made = api._call("POST", "/api/v2/dags/ingest_world_bank/dagRuns", json={"logical_date": None})
    assert ended(api, "ingest_world_bank", made["dag_run_id"])["state"] == "failed"
    return str(made["dag_run_id"])


def readme_is_followed(home: Path, api: AirflowApi, folder: Path) -> None:
    """Every command and query of README.md and docs/tutorial.md works as printed."""
    populations = (
        "select ref_area, time_period, obs_value from core.observation where indicator = 'POP_COUNTRY'"
    )
    with warehouse(home) as connection:
        known = set(connection.execute(text(populations)))
    readme_followed.follow(home, api, folder)
    assert {"form.xlsx", "ratings.xlsx"} <= {file.name for file in folder.iterdir()}
    with warehouse(home) as connection:
        # The known value stays when a run gets one that is out of range.
        assert set(connection.execute(text(populations))) == known
        loaded_again = text(
            "select interval_start, rejected_rows, added + revised + withdrawn from ops.load"
            " where source = 'world_bank' order by load_id desc limit 4"
        )
        years = [(row[0].year, *row[1:]) for row in connection.execute(loaded_again)]
    assert sorted(years) == [(2019, 0, 0), (2020, 0, 0), (2021, 0, 0), (2023, 1, 0)]


def repeated_backfill_is_skipped(home: Path, api: AirflowApi) -> None:
    """When the same backfill is planned again, every run is skipped, and its note says why."""
    days = {"from": "2019-01-01", "to": "2021-12-31"}
    form = {"source": "world_bank", **days, "reprocess": "completed", "dry_run": False}
    made = api._call("POST", "/api/v2/dags/plan_backfill/dagRuns", json={"logical_date": None, "conf": form})
    planned = ended(api, "plan_backfill", made["dag_run_id"])
    assert planned["state"] == "success"
    assert "every run will be skipped" in planned["note"]
    readme_followed.at_rest(api, Settings(home=home))
    body = {"dag_ids": ["ingest_world_bank"], "logical_date_gte": f"{days['from']}T00:00:00Z"}
    body |= {"logical_date_lte": f"{days['to']}T00:00:00Z", "states": ["success"]}
    runs = api._call("POST", "/api/v2/dags/~/dagRuns/list", json=body)["dag_runs"]
    assert [str(run["note"]).partition(" world_bank")[0] for run in runs] == ["Skipped: source"] * 3


def ended(api: AirflowApi, dag_id: str, run_id: str) -> dict[str, Any]:
    def run() -> dict[str, Any]:
        return dict(api._call("GET", f"/api/v2/dags/{dag_id}/dagRuns/{run_id}"))

    until(lambda: run()["state"] not in ("queued", "running"), MOST_SECONDS)
    return run()


def summary(home: Path) -> dict[str, int]:
    """Counts of what the warehouse contains."""
    counts = {
        "loads": "select count(*) from ops.load where state = 'published'",
        "unpublished": "select count(*) from ops.load where state <> 'published'",
        "unreported": "select count(*) from ops.load where report_refresh_id is null",
        "versions": "select count(*) from core.observation_version",
        "rejected": "select count(*) from quality.rejected_row",
        "ranked": (
            "select count(*) from report.rating"
            " where rating = 'climate_world' and status = 'ranked' and time_period = '2023'"
        ),
        # The length of the metro, and the population that it is divided by.
        "values_of_the_metro": (
            "select count(*) from report.lineage('rating_indicator', '"
            '{"rating": "climate_world", "time_period": "2023", "ref_area": "moscow",'
            ' "indicator": "METRO_KM"}'
            "')"
        ),
        "profiles": "select count(distinct ref_area) from report.city_profile",
        "covered_years": "select count(distinct time_period) from report.data_coverage",
    }
    with warehouse(home) as connection:
        return {name: connection.execute(text(query)).scalar_one() for name, query in counts.items()}


def case_followed(home: Path) -> dict[str, evidence_by_hand.Rows]:
    with warehouse(home) as connection:
        return evidence_by_hand.in_tables(connection)


def worked_out(home: Path) -> str:
    with warehouse(home) as connection:
        return worked.written(connection)


def files_with_secrets(settings: Settings) -> set[str]:
    """Files, those of the databases too, with a secret of the checkout, and logs with a token."""
    credentials = Credentials.load_or_make(settings.secrets)
    keys = [credentials.fernet_key, credentials.jwt_secret, credentials.api_secret_key]
    secret = re.compile(
        b"|".join(re.escape(each.encode()) for each in [*keys, *credentials.passwords.values()])
    )
    token = re.compile(rb"eyJ[\w-]{8,}\.eyJ[\w-]{8,}\.")
    found = set()
    for file in settings.home.rglob("*"):
        if not file.is_file() or settings.secrets in file.parents:
            continue
        content = file.read_bytes()
        if secret.search(content) or (settings.logs in file.parents and token.search(content)):
            found.add(str(file.relative_to(settings.home)))
    return found


@pytest.mark.end_to_end
def test_the_demo_loads_everything_and_a_second_run_adds_nothing(open_path: Path) -> None:
    home = open_path / "local"
    with demo(home) as printed:
        assert "Bogotá" in printed
        (report,) = re.findall(r"wrote (\S+-draft\.en\.pdf): \d+ bytes", printed)
        assert Path(report).read_bytes().startswith(b"%PDF-")
        first = summary(home)
        assert first["loads"] >= len(Settings().sources())
        # Abu Dhabi without green in 2010 (2), Riyadh given twice (1), core municipalities given as
        # cities (7), and shares of treatment that sum to more than the total (7).
        assert (first["unpublished"], first["unreported"], first["rejected"]) == (0, 0, 17)
        assert (first["ranked"], first["profiles"], first["values_of_the_metro"]) == (42, 48, 2)
        # 2000 to 2025: every year of the sample.
        assert first["covered_years"] >= YEARS
        assert worked.in_document() == worked_out(home)
        assert evidence_by_hand.in_document() == case_followed(home)
        api = airflow_api(home)
        pages_are_answered(api)
        dags_are_found(api)
        questions_are_answered(home, api)
        readme_is_followed(home, api, open_path / "checkout")
        repeated_backfill_is_skipped(home, api)
        failed = failed_by_hand(api)
        assert summary(home) == {**first, "loads": first["loads"] + 4, "rejected": first["rejected"] + 1}
        with warehouse(home) as connection:
            hostile_files.are_answered(Settings(home=home), api, connection)
        readme_followed.at_rest(api, Settings(home=home))
        last = summary(home)

    # A failed run that the demo did not start is shown and not changed.
    assert f"ingest_world_bank, run {failed}" in demo_once(home)
    assert summary(home) == last
    left = [p for p in psutil.process_iter(["cmdline"]) if str(home) in " ".join(p.info["cmdline"] or [])]
    assert left == []
    assert files_with_secrets(Settings(home=home)) == set()
