"""A backfill that is stopped, resumed and repeated beside other runs ends as if nothing had been."""

from pathlib import Path
from typing import Any

import pytest
from tests.stacks import Running

from city_indicators.local.settings import Settings
from city_indicators.local.stack import Stack

SOURCE = "world_bank"
INGESTED, PLANS = f"ingest_{SOURCE}", "plan_backfill"
FORM = {"source": SOURCE, "from": "2009-01-01", "to": "2020-12-31", "dry_run": False}
YEARS = 12

FIGURES = """
select ref_area, indicator, time_period, obs_value, obs_status, unit_measure
from core.observation order by 1, 2, 3
"""
VERSIONS = "select count(*), max(version) from core.observation_version"


class Backfilling(Running):
    """A whole stack with two DAGs at work: the ingestion of one source, and the planner."""

    def __init__(self, stack: Stack) -> None:
        super().__init__(stack, (PLANS, INGESTED), (SOURCE,))

    def count(self, *states: str) -> int:
        return self.api.count_runs([INGESTED], states)

    def plan(self, **form: object) -> int:
        """Start a backfill by the form; its id, once the planner's run has ended well."""
        before = self.api.count_runs([PLANS], ("success",))
        body = {"logical_date": None, "conf": {**FORM, "reprocess": "failed", **form}}
        self.api._call("POST", f"/api/v2/dags/{PLANS}/dagRuns", json=body)
        self.wait(
            lambda: self.api.count_runs([PLANS], ("success",)) > before or self.api.failed_runs([PLANS])
        )
        assert self.api.failed_runs([PLANS]) == []
        found = self.api._call("GET", "/api/v2/backfills", params={"dag_id": INGESTED, "order_by": "-id"})
        return int(found["backfills"][0]["id"])

    def tell(self, backfill: int, order: str) -> None:
        self.api._call("PUT", f"/api/v2/backfills/{backfill}/{order}")


def undisturbed(home: Path) -> tuple[list[Any], list[Any]]:
    with Stack(Settings(home=home)) as stack:
        running = Backfilling(stack)
        running.plan()
        running.at_rest(INGESTED)
        assert running.count("success") == YEARS + 1
        return running.rows(FIGURES), running.rows(VERSIONS)


def disturbed(home: Path) -> tuple[list[Any], list[Any]]:
    with Stack(Settings(home=home)) as stack:
        running = Backfilling(stack)
        first = running.plan()
        running.wait(lambda: running.count("success") >= 3)
        running.tell(first, "pause")
        running.wait(lambda: not running.count("running"))
        # Stopped: what waits, waits.
        assert running.count("queued") > 0
        stopped = running.count("success")
        running.tell(first, "unpause")
        running.wait(lambda: running.count("success") >= stopped + 2)
        running.tell(first, "cancel")
        running.at_rest(INGESTED)
        cancelled = running.count("failed")
        assert 0 < cancelled < YEARS

        # Begun again, beside a run by hand that speaks of the same years.
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
        # Every run was skipped, for the source serves what is loaded.
        assert running.rows("select count(*) from ops.load") == loads
        return running.rows(FIGURES), running.rows(VERSIONS)


@pytest.mark.end_to_end
def test_a_disturbed_backfill_ends_as_an_undisturbed_one(open_path: Path) -> None:
    expected = undisturbed(open_path / "one")
    assert len(expected[0]) > 0
    assert disturbed(open_path / "two") == expected
