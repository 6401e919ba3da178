"""The daily digest reads its counts from the warehouse."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine

from city_indicators.orchestration.digest import day
from city_indicators.warehouse.freshness import record_check

UNTIL = datetime(2026, 3, 2, 8, 30, tzinfo=UTC)
SINCE = UNTIL - timedelta(days=1)
INSTANT = timedelta(microseconds=1)


def test_counts_the_sources_checked_within_the_day(warehouse: Engine) -> None:
    checks = {
        "owid_grapher": SINCE - INSTANT,
        "un_wup": SINCE,
        "world_bank": UNTIL - INSTANT,
        "nasa_power": UNTIL,
        "openaq": UNTIL + timedelta(hours=1),
    }
    with warehouse.begin() as connection:
        for source, at in checks.items():
            record_check(connection, source, None, changed=True, at=at)
        assert day(connection, SINCE, UNTIL).sources_checked == 2
