"""The progress of long loops in the logs of tasks."""

import pytest

from city_indicators.core.progress import followed


def test_a_long_loop_says_how_far_it_is_twice_a_minute(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    taken: list[int] = []

    def clock() -> float:
        return sum(12 if item < 3 else 6 for item in taken)

    taken.extend(followed(range(7), "objects", clock))
    assert taken == list(range(7))
    # After half a minute, and half a minute later there is nothing left to say.
    assert caplog.messages == ["3 of 7 objects, 0.0833 a second, about 0:00:48 left"]


def test_a_short_loop_says_nothing(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    assert list(followed(["a", "b"], "objects")) == ["a", "b"]
    assert list(followed([], "objects")) == []
    assert caplog.messages == []
