"""A refused load is published only with the reason of a steward, and its refusals stay recorded."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError

from city_indicators.core.errors import GateRefusedError, OverrideError
from city_indicators.warehouse.publish import Outcome, Override, accept
from tests.warehouse.conftest import Publisher

Query = Callable[[str], list[tuple[object, ...]]]

COUNTRIES = ("ARE", "ARG", "AUS", "BRA", "CAN", "CHN", "COL", "DEU", "EGY", "ESP", "ETH", "RUS")
MANY: dict[str, object] = {code: 1000.5 + n for n, code in enumerate(COUNTRIES)}
# Six of twelve observations are missing: far more than the gate allows.
HALF = dict(list(MANY.items())[:6])
ACCEPTED = Override("anna", "Six countries left the programme.", datetime(2026, 1, 2, 9, tzinfo=UTC))
LEDGER = "select state, refusals from ops.load order by load_id desc limit 1"


@pytest.fixture
def refused(publisher: Publisher) -> int:
    """The load_id of a load that the gate refused."""
    publisher.load(MANY)
    return publisher.validate(HALF)


def test_a_refused_load_is_not_published_without_acceptance(
    publisher: Publisher, refused: int, query: Query
) -> None:
    with pytest.raises(GateRefusedError, match=r"Nothing was published.*Next step"):
        publisher.publish(refused)
    assert query("select count(*) from core.observation") == [(12,)]


def test_an_accepted_load_is_published_with_reason_and_refusals_recorded(
    publisher: Publisher, refused: int, warehouse: Engine, query: Query
) -> None:
    ((_, refusals),) = query(LEDGER)
    assert refusals
    with warehouse.begin() as connection:
        accept(connection, refused, ACCEPTED)
    published = publisher.publish(refused)
    assert published == Outcome(added=0, revised=0, withdrawn=6, unchanged=6, outdated=0)
    assert query(LEDGER) == [("published", refusals)]
    assert query("select * from ops.load_override") == [
        (refused, "anna", "Six countries left the programme.", ACCEPTED.decided_at)
    ]
    assert publisher.publish(refused) == published


def test_an_acceptance_is_valid_for_one_load_only(
    publisher: Publisher, refused: int, warehouse: Engine, query: Query
) -> None:
    with warehouse.begin() as connection:
        accept(connection, refused, ACCEPTED)
    again = publisher.validate(HALF)
    with pytest.raises(GateRefusedError):
        publisher.publish(again)


def test_the_first_acceptance_counts(refused: int, warehouse: Engine, query: Query) -> None:
    with warehouse.begin() as connection:
        accept(connection, refused, ACCEPTED)
        accept(connection, refused, Override("boris", "Me too.", ACCEPTED.decided_at))
    assert query("select accepted_by from ops.load_override") == [("anna",)]


@pytest.mark.parametrize("reason", ["", " \n\t"])
def test_an_acceptance_without_a_reason_is_refused(
    publisher: Publisher, refused: int, warehouse: Engine, query: Query, reason: str
) -> None:
    without_reason = Override("anna", reason, ACCEPTED.decided_at)
    with pytest.raises(OverrideError, match=r"without a reason.*Next step"), warehouse.begin() as connection:
        accept(connection, refused, without_reason)
    with pytest.raises(GateRefusedError):
        publisher.publish(refused)


def test_the_database_requires_a_reason(refused: int, warehouse: Engine) -> None:
    with pytest.raises(IntegrityError, match="reason_is_written"), warehouse.begin() as connection:
        connection.exec_driver_sql(
            "insert into ops.load_override values (%s, 'anna', '  ', now())", (refused,)
        )
