"""Plans of backfills in the warehouse: one row each for plan, interval, replayed load and rule."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from sqlalchemy import Engine, text

from city_indicators.ingest.backfill.collect import Collected
from city_indicators.ingest.backfill.record import record
from city_indicators.sources.quota import Slot
from city_indicators.warehouse.ledger import Run
from tests.ingest.backfill import test_plan as by_hand
from tests.warehouse.conftest import NOON, RULES, SOURCE, Publisher
from tests.warehouse.plans import LATER, RUN, planned, recorded
from tests.warehouse.test_replay import MANY, TOO_MUCH

Query = Callable[[str], list[tuple[object, ...]]]

WITHOUT_RANGE = RULES.model_copy(
    update={"row_rules": [rule for rule in RULES.row_rules if rule.id != "plausible_range"]}
)
PLANS = """
    select backfill_plan_id, dag_id, run_id, source, interval_start, interval_end, reprocess, dry_run,
        planned_at
    from ops.backfill_plan order by 1
"""
COST = """
    select least_requests, least_calls, least_seconds, most_requests, most_calls, most_seconds, at_least,
        runs_at_once, requests_per_second, requests_per_minute, account, account_limits, account_calls
    from ops.backfill_plan order by backfill_plan_id
"""
INTERVALS = """
    select extract(year from interval_start)::integer, interval_end - interval_start, action, load_ids,
        fetched_at, observations, requests, at_least
    from ops.backfill_plan_interval order by interval_start
"""
REPLAYS = """
    select load_id, extract(year from interval_start)::integer, interval_end - interval_start, fetched_at,
        accepted_rows, added, revised, withdrawn, unchanged, outdated, refusals, unreadable_because
    from ops.backfill_plan_replay order by load_id
"""
COUNTS = "select rejected_before, rejected_now, newly_accepted, newly_rejected from ops.backfill_plan_rule"
OF_2018 = " where load_id = 1 and interval_start = '2018-01-01' and rule = 'plausible_range'"
READ_EARLIER = "update ops.load set declaration = 'earlier' where interval_start = '2018-01-01'"


@pytest.fixture
def loaded(publisher: Publisher, warehouse: Engine) -> Publisher:
    """Loads of 2018, read by earlier declarations and with a rejected row, and of 2019, which is current."""
    publisher.load({**MANY, "RUS": TOO_MUCH}, year=2018)
    publisher.load(MANY, year=2019)
    with warehouse.begin() as connection:
        connection.execute(text("update ops.load set revision = 'ETag:1'"))
        connection.execute(text(READ_EARLIER))
    return publisher


def test_a_plan_has_its_form_its_cost_and_its_intervals(loaded: Publisher, query: Query) -> None:
    number = recorded(loaded, planned(loaded))
    assert query(PLANS) == [
        (
            *(number, RUN.dag_id, RUN.run_id, SOURCE.id),
            *(date(2018, 1, 1), date(2021, 1, 1), "failed", True, LATER),
        )
    ]
    # One chart a year with its metadata, and three requests for the revision; for 2019 only the latter.
    assert query(COST) == [(13, 4, None, 15, 6, None, False, 2, None, None, None, None, None)]
    # The clock of the publisher moves on by a minute with each validation and publication.
    assert query(INTERVALS) == [
        (2018, 365, "replay", [1], NOON, 11, 5, False),
        (2019, 365, "nothing", [2], NOON + timedelta(minutes=2), 12, 5, False),
        (2020, 366, "fetch", [], None, 0, 5, False),
    ]


def test_a_replay_has_its_changes_and_its_rules(loaded: Publisher, query: Query) -> None:
    recorded(loaded, planned(loaded, rules=WITHOUT_RANGE))
    assert query(REPLAYS) == [
        (1, 2018, 365, NOON, 12, 1, 0, 0, 11, 0, [], None),
        (2, 2019, 365, NOON + timedelta(minutes=2), 12, 0, 0, 0, 12, 0, [], None),
    ]
    assert query(COUNTS + OF_2018) == query(COUNTS) == [(1, 0, 1, 0)]


def test_a_replay_that_is_refused_or_unreadable_says_why_and_has_no_changes(
    publisher: Publisher, query: Query
) -> None:
    publisher.load(MANY, year=2018)
    publisher.validate({"ARE": MANY["ARE"]}, year=2018)
    publisher.load(MANY, year=2019)
    ((sha256,),) = query(
        "select sha256 from archive.fetch_event join ops.load_fetch using (fetch_id) where load_id = 3"
    )
    (publisher.folder / "archive" / "sha256" / str(sha256)[:2] / str(sha256)).unlink()
    recorded(publisher, planned(publisher))
    refused, lost = query(REPLAYS)
    nothing = (None,) * 5
    shrank = "11 of 12 stored observations of this interval are gone from the source: coverage shrank"
    # The latest load of 2018 is the refused one.
    assert (refused[0], *refused[4:]) == (2, 1, *nothing, [shrank], None)
    assert (lost[0], *lost[4:]) == (3, None, *nothing, [], f"the archive lacks {sha256}")


def test_a_repeated_try_replaces_the_plan_of_its_run_and_no_other(
    loaded: Publisher, warehouse: Engine, query: Query
) -> None:
    number = recorded(loaded, planned(loaded, rules=WITHOUT_RANGE))
    other = recorded(loaded, planned(loaded, 2019, 2019), Run(RUN.dag_id, "another"))
    assert other != number
    again = planned(loaded, 2018, 2018)
    assert recorded(loaded, again, dry_run=False) == number
    assert [(row[0], row[4], row[5], row[7]) for row in query(PLANS)] == [
        (number, date(2018, 1, 1), date(2019, 1, 1), False),
        (other, date(2019, 1, 1), date(2020, 1, 1), True),
    ]
    of = "select backfill_plan_id, interval_start from ops.backfill_plan_{} order by 1, 2"
    assert query(of.format("interval")) == [(number, date(2018, 1, 1)), (other, date(2019, 1, 1))]
    # Nothing has changed since the load of 2019.
    assert query(of.format("replay")) == [(number, date(2018, 1, 1))]
    # The rule rejects the row today as it did before.
    assert query(COUNTS) == [(1, 1, 0, 0)]


def test_a_plan_has_the_limits_of_its_source(warehouse: Engine, query: Query) -> None:
    sent = Slot(by_hand.NOW - timedelta(minutes=50), 4800)
    metered = by_hand.planned("open_meteo_archive", [2019], taken=[sent])
    limited = by_hand.planned("nasa_power", [2019, 2020], runs_at_once=2)
    with warehouse.begin() as connection:
        for number, plan in enumerate((metered, limited)):
            record(
                connection, Collected(plan, (), ()), Run("plan_backfill", str(number)), "none", dry_run=True
            )
    # 48 cities × 365 / 14 days in three requests, from ten minutes on one a minute.
    calls = pytest.approx(48 * 365 / 14)
    account = ("open_meteo", {"1": 600, "60": 5000, "1440": 10_000}, 4800)
    assert query(COST) == [
        (3, calls, 720, 3, calls, 720, False, 1, None, None, *account),
        # 48 cities in two years, a request a second in each of two runs.
        (96, 96, 48, 96, 96, 48, False, 2, 1, None, None, None, None),
    ]
