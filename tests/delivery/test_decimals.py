"""The decimals of scores on the pages."""

import pytest

from city_indicators.delivery.web.ratings import decimals


@pytest.mark.parametrize(
    ("scores", "places"),
    [
        ([100.0, 3.0], 1),
        ([64.2], 1),
        ([-64.2], 1),
        ([6.42], 2),
        ([0.642, 0.1], 3),
        ([1e6], 1),
        ([0.0], 1),
        ([], 1),
    ],
)
def test_small_scores_have_more_decimals(scores: list[float], places: int) -> None:
    assert decimals(scores) == places
