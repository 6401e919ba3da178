"""Events of OpenLineage: what a real run tells of its datasets, and that it tells nothing unasked."""

import json
import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import URL, Engine, text
from tests.dags.conftest import Outcome, Standin
from tests.dags.test_ingest_runs import END_OF_2019

from city_indicators.airflow import lineage
from city_indicators.airflow.connections import archive_root
from city_indicators.archive import Archive
from city_indicators.cases.read import read
from city_indicators.cases.vocabulary import load_reference
from city_indicators.paths import SAMPLE
from city_indicators.sources.http import Answer
from city_indicators.warehouse.cases import publish
from city_indicators.warehouse.ledger import Run

RunDag = Callable[..., Outcome]
Event = dict[str, Any]
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
KEY = "0a1b2c3d4e5f-a-key-of-openaq"


@pytest.fixture
def file_of_events(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """Lineage turned on as the environment of a service does it, for the tasks of this process."""
    from airflow.listeners import listener as core
    from airflow.sdk import lineage as collector
    from airflow.sdk import plugins_manager
    from airflow.sdk.listener import get_listener_manager

    file = tmp_path / "events" / "openlineage.ndjson"
    file.parent.mkdir()
    transport = {"type": "file", "log_file_path": str(file), "append": True}
    monkeypatch.setenv("AIRFLOW__OPENLINEAGE__TRANSPORT", json.dumps(transport))
    monkeypatch.delenv("AIRFLOW__OPENLINEAGE__DISABLED", raising=False)

    from airflow.providers.openlineage.plugins.listener import get_openlineage_listener

    # The plugin asked for its configuration when it was imported, perhaps by an earlier test.
    listener = get_openlineage_listener()
    get_listener_manager().add_listener(listener)
    readers = [collector.HookLineageReader]
    monkeypatch.setattr(plugins_manager, "get_hook_lineage_readers_plugins", lambda: readers)
    collector.get_hook_lineage_collector.cache_clear()
    yield file
    for manager in (get_listener_manager(), core.get_listener_manager()):
        if manager.pm.is_registered(listener):
            manager.pm.unregister(listener)
    collector.get_hook_lineage_collector.cache_clear()


def completed(file: Path, job: str) -> Event:
    events = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    (event,) = [each for each in events if each["job"]["name"] == job and each["eventType"] == "COMPLETE"]
    return dict(event)


def names(datasets: list[Event]) -> set[str]:
    return {f"{dataset['namespace']}/{dataset['name']}" for dataset in datasets}


def begin_anew(file: Path) -> None:
    """Forget what was told: in a service each task has a process, and so a collector, of its own."""
    from airflow.sdk import lineage as collector

    file.write_text("", encoding="utf-8")
    collector.get_hook_lineage_collector.cache_clear()


def rows(warehouse: Engine, query: str) -> list[tuple[Any, ...]]:
    with warehouse.connect() as connection:
        return [tuple(row) for row in connection.execute(text(query))]


def test_a_publication_and_a_refresh_tell_what_they_read_and_wrote(
    file_of_events: Path, run_dag: RunDag, standin: Standin, warehouse: Engine, warehouse_url: URL
) -> None:
    standin.fault("out_of_range", "SP.URB.TOTL.IN.ZS", times=1)
    assert run_dag("ingest_world_bank", END_OF_2019).state == "success"
    event = completed(file_of_events, "ingest_world_bank.publish")

    fetched = dict(rows(warehouse, "select url, sha256 from archive.fetch_event"))
    assert len(fetched) > 1
    facets = {names([answer]).pop(): answer["facets"] for answer in event["inputs"]}
    assert {url: each["version"]["datasetVersion"] for url, each in facets.items()} == fetched
    for each in facets.values():
        tags = {tag["key"]: tag["value"] for tag in each["tags"]["tags"]}
        assert (tags["source"], tags["licence"]) == ("world_bank", "CC-BY-4.0")
        assert "World Development Indicators" in each["documentation"]["description"]

    (versions,) = event["outputs"]
    table = f"postgres://localhost:5432/{warehouse_url.database}.core.observation_version"
    assert names([versions]) == {table}
    ((load_id, added, rejected),) = rows(warehouse, "select load_id, added, rejected_rows from ops.load")
    assert (added, rejected) == (110, 1)
    assert versions["outputFacets"]["outputStatistics"]["rowCount"] == added
    assert versions["facets"]["version"]["datasetVersion"] == str(load_id)
    schema = {field["name"]: field["type"] for field in versions["facets"]["schema"]["fields"]}
    with warehouse.connect() as connection:
        assert list(schema) == list(connection.execute(text("select * from core.observation_version")).keys())
    assert schema["obs_value"] == "double precision"
    assert schema["known_from"] == "timestamp with time zone"
    checks = versions["facets"]["dataQualityAssertions"]["assertions"]
    assert [check["name"] for check in checks if not check["success"]] == ["plausible_range"]
    assert {check["severity"] for check in checks if check["name"] == "periods_stay"} == {"error"}
    account = event["run"]["facets"]["cityIndicators_load"]
    assert (account["load_id"], account["rejected_rows"]) == (load_id, 1)
    assert account["interval_start"] == "2019-01-01"

    assert run_dag("refresh_reports", END_OF_2019, rebuild=False).state == "success"
    refresh = completed(file_of_events, "refresh_reports.refresh")
    assert table in names(refresh["inputs"])
    written = f"postgres://localhost:5432/{warehouse_url.database}.report.rating"
    assert {written, f"{written}_pillar", f"{written}_indicator"} < names(refresh["outputs"])


def test_a_refresh_made_by_cases_alone_is_told_too(
    file_of_events: Path, run_dag: RunDag, warehouse: Engine, warehouse_url: URL
) -> None:
    assert run_dag("refresh_reports", END_OF_2019, rebuild=False).state == "success"
    body = (SAMPLE / "cases.csv").read_bytes()
    snapshot = Archive(archive_root()).store(
        "best_practice_cases", Answer("cases.csv", body, "", None, None), NOON
    )
    reading = read(body, "cases.csv", load_reference(), NOON.date())
    with warehouse.begin() as connection:
        publish(connection, snapshot, Run("receive_cases", "a test"), reading, 85, lambda: NOON)
    begin_anew(file_of_events)
    assert run_dag("refresh_reports", END_OF_2019, rebuild=False).state == "success"
    refresh = completed(file_of_events, "refresh_reports.refresh")
    database = f"postgres://localhost:5432/{warehouse_url.database}"
    assert f"{database}.core.case_version" in names(refresh["inputs"])
    assert f"{database}.report.case_evidence" in names(refresh["outputs"])

    begin_anew(file_of_events)
    assert run_dag("refresh_reports", END_OF_2019, rebuild=False).state == "success"
    assert completed(file_of_events, "refresh_reports.refresh")["outputs"] == []


def test_no_key_of_a_source_is_told(
    file_of_events: Path, run_dag: RunDag, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection = json.loads(os.environ["AIRFLOW_CONN_OPENAQ"])
    monkeypatch.setenv("AIRFLOW_CONN_OPENAQ", json.dumps({**connection, "password": KEY}))
    assert run_dag("ingest_openaq", END_OF_2019).state == "success"
    assert completed(file_of_events, "ingest_openaq.publish")["inputs"]
    assert KEY not in file_of_events.read_text(encoding="utf-8")


def test_what_cannot_be_told_fails_no_task(
    file_of_events: Path, run_dag: RunDag, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def unreachable() -> URL:
        raise ConnectionError("the warehouse is away")

    monkeypatch.setattr(lineage, "warehouse_url", unreachable)
    assert run_dag("ingest_un_wup", END_OF_2019).state == "success"
    assert completed(file_of_events, "ingest_un_wup.publish")["job"]["name"] == "ingest_un_wup.publish"
    assert run_dag("refresh_reports", END_OF_2019, rebuild=False).state == "success"
    assert "OpenLineage is not told of this refresh" in caplog.text


def test_unasked_nothing_is_told(run_dag: RunDag, caplog: pytest.LogCaptureFixture) -> None:
    assert run_dag("ingest_un_wup", END_OF_2019).state == "success"
    assert "openlineage" not in caplog.text.lower()
