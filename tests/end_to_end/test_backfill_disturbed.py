"""A backfill that is paused, cancelled and repeated next to other runs ends like an undisturbed one."""

import os
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import requests
from sqlalchemy import Engine, text

from city_indicators.catalog import load_catalogue
from city_indicators.core.archive import Archive
from city_indicators.core.intervals import Interval
from city_indicators.ingest import load as ingest
from city_indicators.ingest.fetch import SourceClient, fetch
from city_indicators.warehouse.ledger import Run
from standalone.settings import Settings
from standalone.stack import Stack
from tests.stacks import Running

SOURCE = "world_bank"
INGESTED, PLANS = f"ingest_{SOURCE}", "plan_backfill"
FORM = {"source": SOURCE, "from": "2009-01-01", "to": "2020-12-31", "dry_run": False}
YEARS = 12

OBSERVATIONS = """
select ref_area, indicator, time_period, obs_value, obs_status, unit_measure
from core.observation order by 1, 2, 3
"""
VERSIONS = "select count(*), max(version) from core.observation_version"


class Backfilling(Running):
    """A complete stack with two active DAGs: the ingestion of one source, and the planner."""

    def __init__(self, stack: Stack) -> None:
        super().__init__(stack, (PLANS, INGESTED), (SOURCE,))

    def count(self, *states: str) -> int:
        return self.api.count_runs([INGESTED], states)

    def plan(self, **form: object) -> int:
        """Start a backfill with the form; returns its id after the run of the planner succeeded."""
        before = self.api.count_runs([PLANS], ("success",))
        body = {"logical_date": None, "conf": {**FORM, "reprocess": "failed", **form}}
        self.api._call("POST", f"/api/v2/dags/{PLANS}/dagRuns", json=body)
        self.wait(
            lambda: self.api.count_runs([PLANS], ("success",)) > before or self.api.failed_runs([PLANS])
        )
        assert self.api.failed_runs([PLANS]) == []
        found = self.api._call("GET", "/api/v2/backfills", params={"dag_id": INGESTED, "order_by": "-id"})
        return int(found["backfills"][0]["id"])

    def order(self, backfill: int, action: str) -> None:
        self.api._call("PUT", f"/api/v2/backfills/{backfill}/{action}")


def loaded_at_once(base_url: str, warehouse: Engine, folder: Path) -> tuple[list[Any], list[Any]]:
    """The same years in two loads without Airflow, as an undisturbed reference."""
    catalogue, archive, staging = load_catalogue(), Archive(folder / "archive"), folder / "staged"
    source, last = catalogue.sources[SOURCE], datetime.now(UTC).year - 1
    scheduled = Interval(date(last, 1, 1), date(last + 1, 1, 1)).reaching_back(source.trailing_years)
    for interval in (Interval(date(2009, 1, 1), date(2021, 1, 1)), scheduled):
        client = SourceClient(source, requests.Session(), base_url, archive, lambda: datetime.now(UTC))
        snapshots = fetch(client, catalogue, interval)
        run = Run(INGESTED, interval.start.isoformat())
        load_id = ingest.validate(
            source, catalogue, interval, snapshots, run, archive, staging, warehouse, datetime.now(UTC)
        )
        ingest.publish_load(load_id, staging, warehouse, lambda: datetime.now(UTC))
    with warehouse.connect() as connection:
        observations, versions = (
            [tuple(row) for row in connection.execute(text(query))] for query in (OBSERVATIONS, VERSIONS)
        )
    return observations, versions


@pytest.mark.end_to_end
@pytest.mark.skipif("CITY_INDICATORS_CHAOS" not in os.environ, reason="run by make chaos")
def test_a_disturbed_backfill_ends_like_an_undisturbed_one(
    open_path: Path, warehouse: Engine, tmp_path: Path
) -> None:
    with Stack(Settings(home=open_path / "home")) as stack:
        running = Backfilling(stack)
        first = running.plan()
        running.wait(lambda: running.count("success") >= 3)
        running.order(first, "pause")
        running.wait(lambda: not running.count("running"))
        # Paused: queued runs stay queued.
        assert running.count("queued") > 0
        stopped = running.count("success")
        running.order(first, "unpause")
        running.wait(lambda: running.count("success") >= stopped + 2)
        running.order(first, "cancel")
        running.at_rest(INGESTED)
        cancelled = running.count("failed")
        assert 0 < cancelled < YEARS

        # Started again, next to a manual run of the same years.
        second = running.plan()
        assert second != first
        by_hand = {"logical_date": "2016-06-01T00:00:00Z", "conf": {"since": 2010, "reload": True}}
        running.api._call("POST", f"/api/v2/dags/{INGESTED}/dagRuns", json=by_hand)
        running.at_rest(INGESTED)
        assert (running.count("failed"), running.count("success")) == (0, YEARS + 2)
        loads = running.rows("select count(*) from ops.load")

        third = running.plan(reprocess="completed")
        assert third != second
        running.at_rest(INGESTED)
        assert running.count("failed") == 0
        # Every run was skipped, as the source serves the loaded revision.
        assert running.rows("select count(*) from ops.load") == loads
        expected = loaded_at_once(f"{running.ports.mock_server_url}/{SOURCE}", warehouse, tmp_path)
        assert len(expected[0]) > 0
        assert (running.rows(OBSERVATIONS), running.rows(VERSIONS)) == expected
