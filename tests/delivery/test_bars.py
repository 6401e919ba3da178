"""Bars of a chart: drawn to the scale of what is there, whatever the scale of the scores."""

import pytest

from city_indicators.delivery.web.bars import Segment, stacked
from city_indicators.delivery.web.ratings import colour, decimals


def test_the_longest_bar_takes_the_full_width() -> None:
    bars = stacked([[40.0, 20.0], [15.0, 0.0]], 100, 600)
    assert bars.zero == 100
    assert bars.segments == [
        [Segment(100, 400, 40), Segment(500, 200, 20)],
        [Segment(100, 150, 15), Segment(250, 0, 0)],
    ]
    assert bars.ends == [700, 250]


@pytest.mark.parametrize("factor", [1e-6, 0.01, 1e9])
def test_the_scale_of_the_scores_is_no_matter(factor: float) -> None:
    bars = stacked([[40 * factor, 20 * factor]], 100, 600)
    assert [(segment.x, segment.width) for segment in bars.segments[0]] == [
        pytest.approx((100, 400)),
        pytest.approx((500, 200)),
    ]


def test_what_takes_from_a_score_lies_left_of_zero() -> None:
    bars = stacked([[3.0, -1.0, 1.0, -1.0], [-2.0, 0.0, 0.0, 0.0]], 0, 600)
    assert bars.zero == 200
    assert bars.segments == [
        [Segment(200, 300, 3), Segment(100, 100, -1), Segment(500, 100, 1), Segment(0, 100, -1)],
        [Segment(0, 200, -2), Segment(200, 0, 0), Segment(200, 0, 0), Segment(200, 0, 0)],
    ]
    assert bars.ends == [600, 200]


@pytest.mark.parametrize("rows", [[], [[]], [[0.0, 0.0]]])
def test_where_there_is_nothing_no_bar_is_drawn(rows: list[list[float]]) -> None:
    bars = stacked(rows, 100, 600)
    assert (bars.zero, bars.ends) == (100, [100] * len(rows))
    assert all(segment.width == 0 for segments in bars.segments for segment in segments)


def test_no_two_parts_have_the_same_colour() -> None:
    assert len({colour(position) for position in range(60)}) == 60


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
