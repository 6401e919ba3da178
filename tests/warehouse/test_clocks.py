"""Clocks: a worker whose clock is wrong loads nothing, and one that ran ahead once does no lasting harm."""

from collections.abc import Callable
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, text

from city_indicators.core.errors import ClockError
from city_indicators.ingest.load import publish_load
from city_indicators.warehouse.clock import check_fetched, known_from
from city_indicators.warehouse.publish import Outcome
from tests.warehouse.conftest import NOON, Publisher

Query = Callable[[str], list[tuple[object, ...]]]
VALUES: dict[str, object] = {"RUS": 60000.5, "CHN": 30000.5, "BRA": 16000.5}
IN_AN_HOUR = timedelta(hours=1)


def test_an_answer_from_the_future_is_not_loaded(publisher: Publisher, query: Query) -> None:
    ahead = datetime.now(UTC) + IN_AN_HOUR
    with pytest.raises(ClockError, match=r"owid_grapher: an answer was fetched at .* Next step: compare"):
        publisher.validate(VALUES, fetched_at=ahead)
    assert query("select count(*) from ops.load") == [(0,)]


@pytest.mark.parametrize(("seconds", "refused"), [(4 * 60 + 30, False), (5 * 60 + 30, True)])
def test_clocks_may_be_five_minutes_apart(warehouse: Engine, seconds: int, refused: bool) -> None:
    with warehouse.connect() as connection:
        now = connection.execute(text("select now()")).scalar_one()
        ahead = now + timedelta(seconds=seconds)
        with pytest.raises(ClockError) if refused else nullcontext():
            check_fetched(connection, "owid_grapher", [now, ahead])
        with pytest.raises(ClockError) if refused else nullcontext():
            assert known_from(connection, "owid_grapher", ahead) == ahead


@pytest.mark.parametrize("clock", [datetime.now(UTC) + IN_AN_HOUR, NOON - timedelta(days=30)])
def test_a_worker_whose_clock_is_wrong_publishes_nothing(
    publisher: Publisher, warehouse: Engine, query: Query, clock: datetime
) -> None:
    publisher.load(VALUES)
    load_id = publisher.validate({**VALUES, "RUS": 60001.5})
    with pytest.raises(ClockError, match="the worker's clock says"):
        publish_load(load_id, publisher.staging, warehouse, lambda: clock)
    assert query("select count(*) from core.observation_version") == [(3,)]


def test_a_load_is_never_known_before_the_one_published_before_it(
    publisher: Publisher, warehouse: Engine, query: Query
) -> None:
    publisher.load(VALUES)
    ((first,),) = query("select max(known_from) from core.observation_version")
    assert isinstance(first, datetime)
    load_id = publisher.validate({**VALUES, "RUS": 60001.5})
    # Within the tolerance, a clock that is behind counts as the time of the load before.
    publish_load(load_id, publisher.staging, warehouse, lambda: first - timedelta(minutes=4))
    assert query("select known_from from core.observation_version where version = 2") == [(first,)]


def test_a_clock_that_ran_ahead_once_does_not_make_corrections_outdated(
    publisher: Publisher, warehouse: Engine, query: Query
) -> None:
    publisher.load(VALUES)
    with warehouse.begin() as connection:
        connection.execute(
            text("update archive.fetch_event set fetched_at = fetched_at + interval '2 years'")
        )
    later = publisher.load({**VALUES, "RUS": 60001.5}, fetched_at=datetime.now(UTC))
    assert later == Outcome(added=0, revised=1, withdrawn=0, unchanged=2, outdated=0)
    assert query("select warnings from ops.load order by load_id") == [([],), ([],)]


def test_a_load_of_which_everything_is_outdated_says_so(publisher: Publisher, query: Query) -> None:
    publisher.load(VALUES, fetched_at=NOON + IN_AN_HOUR)
    earlier = {code: f"{value}9" for code, value in VALUES.items()}
    assert publisher.load(earlier, fetched_at=NOON).outdated == 3
    ((warnings,),) = query("select warnings from ops.load where load_id = 2")
    assert isinstance(warnings, list)
    assert warnings[0].startswith(
        "all 3 observations are outdated: what a later fetch gave is held, and stays"
    )
