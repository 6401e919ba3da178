"""The schedule of requests to a metered service: computed by hand, and limits in every window."""

from datetime import UTC, datetime, timedelta

import pytest

from city_indicators.sources.quota import Slot, slots

NOW = datetime(2026, 1, 1, tzinfo=UTC)
OPEN_METEO = {1: 600, 60: 5_000, 1440: 10_000}


def minutes(found: list[Slot]) -> list[float]:
    return [(slot.at - NOW).total_seconds() / 60 for slot in found]


def test_sends_what_fits_at_once() -> None:
    assert minutes(slots([100, 200, 300], [], OPEN_METEO, NOW)) == [0, 0, 0]


def test_the_rest_waits_for_the_next_minute() -> None:
    assert minutes(slots([417, 417, 100, 417], [], OPEN_METEO, NOW)) == [0, 1, 1, 2]


def test_the_twelfth_request_of_a_year_waits_for_the_next_hour() -> None:
    # 11 × 417 = 4 587 and 12 × 417 = 5 004.
    assert minutes(slots([417] * 13, [], OPEN_METEO, NOW)) == [*range(11), 60, 61]


def test_the_requests_of_30_years_take_four_days() -> None:
    days = [int(minute // 1440) for minute in minutes(slots([417.2] * 90, [], OPEN_METEO, NOW))]
    # 23 × 417.2 = 9 596 and 24 × 417.2 = 10 013: 23 requests on each of three days, 21 on the fourth.
    assert [days.count(day) for day in range(4)] == [23, 23, 23, 21]


def test_counts_slots_that_are_already_taken() -> None:
    taken = [Slot(NOW - timedelta(seconds=30), 500)]
    assert minutes(slots([200], taken, OPEN_METEO, NOW)) == [0.5]
    assert minutes(slots([100], taken, OPEN_METEO, NOW)) == [0]


def test_requests_stay_in_order() -> None:
    taken = [Slot(NOW + timedelta(minutes=7), 500)]
    assert minutes(slots([100, 100], taken, OPEN_METEO, NOW)) == [7, 8]


def test_every_window_keeps_the_limits() -> None:
    taken = [Slot(NOW - timedelta(minutes=m), 300) for m in range(1, 30, 3)]
    found = slots([417.2] * 40, taken, OPEN_METEO, NOW)
    for span, limit in OPEN_METEO.items():
        for last in found:
            window = [
                s.calls for s in [*taken, *found] if last.at - timedelta(minutes=span) < s.at <= last.at
            ]
            assert sum(window) <= limit


def test_a_request_above_a_limit_is_refused() -> None:
    with pytest.raises(ValueError, match="a request counts 601 calls"):
        slots([100, 601], [], OPEN_METEO, NOW)
