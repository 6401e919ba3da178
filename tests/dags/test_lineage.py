"""OpenLineage events of real runs: their datasets, and no events unless enabled."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import URL, Engine, text

from city_indicators.core.archive import Archive
from city_indicators.core.snapshots import Answer
from city_indicators.intake.best_practices.publish import publish
from city_indicators.intake.best_practices.read import read
from city_indicators.intake.best_practices.vocabulary import load_code_lists
from city_indicators.orchestration import lineage
from city_indicators.orchestration.connections import archive_root
from city_indicators.warehouse.ledger import Run
from demo.paths import SAMPLE
from tests.dags.conftest import MockServer, Outcome
from tests.dags.test_ingest_runs import END_OF_2019
from tests.queries import rows

RunDag = Callable[..., Outcome]
Event = dict[str, Any]
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def completed(file: Path, job: str) -> Event:
    events = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    (event,) = [each for each in events if each["job"]["name"] == job and each["eventType"] == "COMPLETE"]
    return dict(event)


def names(datasets: list[Event]) -> set[str]:
    return {f"{dataset['namespace']}/{dataset['name']}" for dataset in datasets}


def forget_events(file: Path) -> None:
    """Forget earlier events: in a service each task has its own process, and so its own collector."""
    from airflow.sdk import lineage as collector

    file.write_text("", encoding="utf-8")
    collector.get_hook_lineage_collector.cache_clear()


def test_a_publication_and_a_refresh_report_their_datasets(
    file_of_events: Path, run_dag: RunDag, mock_server: MockServer, warehouse: Engine, warehouse_url: URL
) -> None:
    mock_server.fault("out_of_range", "SP.URB.TOTL.IN.ZS", times=1)
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
    assert (added, rejected) == (138, 1)
    assert versions["outputFacets"]["outputStatistics"]["rowCount"] == added
    assert versions["facets"]["version"]["datasetVersion"] == str(load_id)
    schema = {field["name"]: field["type"] for field in versions["facets"]["schema"]["fields"]}
    with warehouse.connect() as connection:
        assert list(schema) == list(connection.execute(text("select * from core.observation_version")).keys())
    assert schema["obs_value"] == "double precision"
    assert schema["known_from"] == "timestamp with time zone"
    checks = versions["facets"]["dataQualityAssertions"]["assertions"]
    assert [check["name"] for check in checks if not check["success"]] == [
        "plausible_range",
        "something_to_compare",
    ]
    assert {check["severity"] for check in checks if check["name"] == "periods_stay"} == {"error"}
    account = event["run"]["facets"]["cityIndicators_load"]
    assert (account["load_id"], account["rejected_rows"]) == (load_id, 1)
    assert account["interval_start"] == "2019-01-01"

    assert run_dag("refresh_reports", END_OF_2019, rebuild=False).state == "success"
    refresh = completed(file_of_events, "refresh_reports.refresh")
    assert table in names(refresh["inputs"])
    written = f"postgres://localhost:5432/{warehouse_url.database}.report.rating"
    assert {written, f"{written}_pillar", f"{written}_indicator"} < names(refresh["outputs"])


def test_a_refresh_for_best_practices_alone_is_reported(
    file_of_events: Path, run_dag: RunDag, warehouse: Engine, warehouse_url: URL
) -> None:
    assert run_dag("refresh_reports", END_OF_2019, rebuild=False).state == "success"
    body = (SAMPLE / "best_practices.csv").read_bytes()
    snapshot = Archive(archive_root()).store(
        "best_practice_cases", Answer("best_practices.csv", body, "", None, None), NOON
    )
    reading = read(body, "best_practices.csv", load_code_lists(), NOON.date())
    with warehouse.begin() as connection:
        publish(connection, snapshot, Run("receive_best_practices", "a test"), reading, 85, lambda: NOON)
    forget_events(file_of_events)
    assert run_dag("refresh_reports", END_OF_2019, rebuild=False).state == "success"
    refresh = completed(file_of_events, "refresh_reports.refresh")
    database = f"postgres://localhost:5432/{warehouse_url.database}"
    assert f"{database}.core.best_practice_version" in names(refresh["inputs"])
    assert f"{database}.report.best_practice_evidence" in names(refresh["outputs"])

    forget_events(file_of_events)
    assert run_dag("refresh_reports", END_OF_2019, rebuild=False).state == "success"
    assert completed(file_of_events, "refresh_reports.refresh")["outputs"] == []


def test_a_lineage_error_fails_no_task(
    file_of_events: Path, run_dag: RunDag, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def unreachable() -> URL:
        raise ConnectionError("the warehouse is away")

    monkeypatch.setattr(lineage, "warehouse_url", unreachable)
    assert run_dag("ingest_un_wup", END_OF_2019).state == "success"
    assert completed(file_of_events, "ingest_un_wup.publish")["job"]["name"] == "ingest_un_wup.publish"
    assert run_dag("refresh_reports", END_OF_2019, rebuild=False).state == "success"
    assert "The lineage of this refresh could not be recorded" in caplog.text


def test_without_lineage_nothing_is_emitted(run_dag: RunDag, caplog: pytest.LogCaptureFixture) -> None:
    assert run_dag("ingest_un_wup", END_OF_2019).state == "success"
    assert "openlineage" not in caplog.text.lower()
