"""Each bound of the checks of a load: what lies on it and what lies just beyond it, worked out by hand."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import pytest

from city_indicators.ingest.normalise import KEY
from city_indicators.ingest.validation.load_checks import coverage, degenerate, level, moved, revised
from city_indicators.ingest.validation.load_checks.compare import by_series, listed, paired

X = "ENERGY_PC"


def frame(values: Sequence[float], year: int = 2019, indicator: str = X) -> pd.DataFrame:
    """A value a place: the first of P00, the second of P01 and so on."""
    rows = [(f"P{number:02}", indicator, str(year), value) for number, value in enumerate(values)]
    return pd.DataFrame(rows, columns=[*KEY, "obs_value"]).assign(unit_measure="KWH_PC")


def joined(*frames: pd.DataFrame) -> pd.DataFrame:
    return pd.concat(frames, ignore_index=True)


NOTHING = frame([])


@pytest.mark.parametrize(("count", "found"), [(4, False), (5, True)])
def test_from_five_equal_values_on_a_column_is_constant(count: int, found: bool) -> None:
    assert (X in degenerate.constant(frame([7.0] * count), NOTHING)) == found


@pytest.mark.parametrize(("held", "found"), [(4, True), (5, False)])
def test_five_equal_held_values_show_that_a_constant_is_usual(held: int, found: bool) -> None:
    assert (X in degenerate.constant(frame([7.0] * 5), frame([3.0] * held, 2018))) == found


def copies(equal: int, count: int, distinct: int = 99) -> pd.DataFrame:
    """Two columns of `count` values, the first `equal` of them the same in both; few are distinct."""
    values = [1.0 + number % distinct for number in range(count)]
    others = [value if number < equal else value + 0.5 for number, value in enumerate(values)]
    return joined(frame(values), frame(others, indicator="GHG_PC"))


@pytest.mark.parametrize(
    ("columns", "found"),
    [
        (copies(7, 7), False),
        (copies(8, 8), True),
        (copies(9, 10), True),
        (copies(89, 100), False),
        (copies(10, 10, distinct=4), False),
        (copies(10, 10, distinct=5), True),
    ],
)
def test_nine_tenths_of_eight_or_more_equal_values_are_a_copy(columns: pd.DataFrame, found: bool) -> None:
    assert set(degenerate.copied(columns, NOTHING)) == ({X, "GHG_PC"} if found else set())


@pytest.mark.parametrize(
    ("held", "found"), [(copies(7, 7), True), (copies(9, 20), False), (copies(8, 20), True)]
)
def test_columns_that_were_half_a_copy_before_are_no_new_one(held: pd.DataFrame, found: bool) -> None:
    assert bool(degenerate.copied(copies(10, 10), held)) == found


def gone(of: int, count: int) -> tuple[bool, bool]:
    """Whether so many of the held observations that are gone are too many, and whether they are noted."""
    many, few = coverage.withdrawn(frame([1.0] * (of - count)), frame([1.0] * of))
    return X in many, X in few


def test_more_than_a_twentieth_and_more_than_one_are_too_many_gone() -> None:
    assert gone(40, 2) == (False, True)
    assert gone(39, 2) == (True, False)
    assert gone(3, 1) == (False, True)
    assert gone(3, 0) == (False, False)


@pytest.mark.parametrize(
    ("rows", "sound", "found"), [(2, 0, False), (3, 0, True), (4, 2, False), (5, 2, True), (3, 2, False)]
)
def test_more_than_half_of_three_or_more_rejected_rows_are_most(rows: int, sound: int, found: bool) -> None:
    assert (X in coverage.rejected(frame([1.0] * rows), frame([1.0] * sound))) == found


def places(counts: dict[int, int]) -> pd.DataFrame:
    return joined(NOTHING, *(frame([1.0] * count, year) for year, count in counts.items()))


@pytest.mark.parametrize(
    ("held", "given", "declared", "too_few", "fewer"),
    [
        # Declared: one less than declared is a warning.
        ({}, 20, 20, False, False),
        ({}, 19, 20, False, True),
        ({}, 18, 20, True, False),
        # Three held years show the least; 95 % of 40 is 38.
        ({2016: 40, 2017: 50, 2018: 40}, 38, 0, False, False),
        ({2016: 40, 2017: 50, 2018: 40}, 37, 0, True, False),
        # Two years do not; then the year before counts, and only that one.
        ({2016: 90, 2018: 40}, 38, 0, False, False),
        ({2016: 10, 2018: 40}, 37, 0, False, True),
        # A year that is held is checked by what is gone from it, a later one is not the year before.
        ({2017: 40, 2018: 40, 2019: 40}, 1, 0, False, False),
        ({2020: 40, 2021: 40}, 1, 0, False, False),
    ],
)
def test_too_few_places(held: dict[int, int], given: int, declared: int, too_few: bool, fewer: bool) -> None:
    fewest = {X: declared} if declared else {}
    refused, warned = coverage.few_places(frame([1.0] * given, 2019), places(held), fewest)
    assert (X in refused, X in warned) == (too_few, fewer)


def step_of(change: float, places: int = 5, held: dict[int, float] | None = None) -> tuple[bool, bool]:
    """Whether a change of all places from 2018 to 2019 is refused, and whether it is unusual.

    `held` are levels by year, by default of one year: a change is measured by the larger of two values.
    """
    levels = held or {2018: 100.0}
    known = joined(*(frame([value] * places, year) for year, value in levels.items()))
    beyond, unusual = level.steps(by_series(frame([levels[2018] / (1 - change)] * places), known))
    return X in beyond, X in unusual


def test_a_step_of_a_young_series_is_refused_from_its_double_on() -> None:
    assert step_of(0.5) == (False, False)
    assert step_of(0.501) == (True, False)
    assert step_of(0.501, places=4) == (False, False)
    # One change is not enough to know what is usual.
    assert step_of(0.4, held={2017: 99.0, 2018: 100.0}) == (False, False)


def test_a_step_is_refused_beyond_twice_the_largest_so_far_and_fifteen_percent() -> None:
    calm = {2016: 98.01, 2017: 99.0, 2018: 100.0}
    assert step_of(0.01, held=calm) == (False, False)
    assert step_of(0.011, held=calm) == (False, True)
    assert step_of(0.149, held=calm) == (False, True)
    assert step_of(0.151, held=calm) == (True, False)
    lively = {2016: 72.0, 2017: 90.0, 2018: 100.0}
    # The largest change so far is 18/90.
    assert step_of(0.2, held=lively) == (False, False)
    assert step_of(0.399, held=lively) == (False, True)
    assert step_of(0.401, held=lively) == (True, False)


def test_a_step_is_that_of_a_year_from_the_nearest_held_year() -> None:
    known = joined(
        *(frame([value] * 5, year) for year, value in {2013: 50.0, 2014: 60.0, 2016: 100.0}.items())
    )
    # From 2016: (200 - 100)/200 in two years; the largest so far is 1/6 from 2013, or 0.4 in two years.
    beyond, _ = level.steps(by_series(frame([200.0] * 5, 2018), known))
    assert beyond == {}
    beyond, _ = level.steps(by_series(frame([200.0] * 5, 2017), known))
    assert beyond[X].startswith(f"the places of {X} change by +50 % a year in the median from 2016 to 2017")
    # As near to 2014 as to 2016: the earlier year counts.
    _, unusual = level.steps(by_series(frame([90.0] * 5, 2015), known))
    assert unusual[X].startswith(f"the places of {X} change by +33 % a year in the median from 2014 to 2015")


@pytest.mark.parametrize(("factor", "found"), [(1.0, False), (1 / 0.95, False), (1 / 0.949, True)])
def test_a_value_may_be_as_far_from_its_anchor_as_the_tolerance(factor: float, found: bool) -> None:
    given = frame([100.0 * factor])
    anchors = frame([100.0]).assign(tolerance=0.05 + 1e-12)
    assert (X in level.anchored(given, NOTHING, anchors, None)) == found


@pytest.mark.parametrize(("count", "gap", "found"), [(4, 0.3, False), (5, 0.3, True), (5, 0.14, False)])
def test_five_values_show_that_another_source_differs(count: int, gap: float, found: bool) -> None:
    others = frame([100.0] * count).assign(source="another")
    given = frame([100.0 * (1 - gap)] * count)
    assert (X in level.disagreeing(given, NOTHING, others, {X: 0.15})) == found
    # Without a tolerance nothing is compared, and after the first load neither.
    assert level.disagreeing(given, NOTHING, others, {}) == {}
    assert level.disagreeing(given, frame([1.0]), others, {X: 0.15}) == {}


def pairs(held: Sequence[float], given: Sequence[float]) -> pd.DataFrame:
    return paired(frame(given), frame(held))


@pytest.mark.parametrize(
    ("count", "of", "usual", "found"),
    [
        (2, 4, 0.0, False),
        (3, 12, 0.0, False),
        (3, 11, 0.0, True),
        (3, 11, 0.1, False),
        (3, 11, 0.0999, True),
    ],
)
def test_more_than_a_quarter_and_at_least_three_revised(
    count: int, of: int, usual: float, found: bool
) -> None:
    held = [90.0 + number for number in range(of)]
    # Nine tenths: a tenth of the larger value.
    given = [value * 0.9 if number < count else value for number, value in enumerate(held)]
    beyond = revised.unusual(pairs(held, given), {X: usual + 1e-12} if usual else {})
    assert (X in beyond) == found


@pytest.mark.parametrize(
    ("value", "found"), [(10.0, True), (9.9, False), (0.1, True), (0.11, False), (-1.0, True)]
)
def test_tenfold_is_ten_times_or_a_tenth_or_the_other_sign(value: float, found: bool) -> None:
    assert (X in revised.large(pairs([1.0, 0.0], [value, 0.0]))) == found


def test_a_change_below_a_fiftieth_of_the_spread_is_no_large_one() -> None:
    assert X in revised.large(pairs([0.0, 50.0], [1.0, 50.0]))
    assert revised.large(pairs([0.0, 51.0], [1.0, 51.0])) == {}


@pytest.mark.parametrize(("value", "found"), [(9.0, True), (9.01, False)])
def test_a_single_revision_of_a_tenth_is_noted(value: float, found: bool) -> None:
    noted = revised.noted(pairs([10.0, 5.0, 0.0], [value, 5.0, 0.0]), {X: 0.05})
    assert (X in noted) == found
    # Beyond the usual size only.
    assert revised.noted(pairs([10.0, 5.0, 0.0], [value, 5.0, 0.0]), {X: 0.11}) == {}


def test_the_largest_revision_is_the_farthest_in_either_direction() -> None:
    noted = revised.noted(pairs([10.0, 20.0, 0.0], [5.0, 24.0, 0.0]), {})
    assert noted[X].endswith("the most is P00 2019 (10 to 5)")


def change_of(held: Sequence[float], given: Sequence[float]) -> str | None:
    return revised.common_change(pairs(held, given))


def test_three_different_values_show_a_common_change() -> None:
    assert change_of([1.0, 2.0, 3.0], [2.0, 4.0, 6.0]) == "×2"
    assert change_of([1.0, 2.0], [2.0, 4.0]) is None
    assert change_of([1.0, 2.0, 2.0], [2.0, 4.0, 4.0]) is None
    assert change_of([0.0, 2.0, 3.0], [5.0, 7.0, 8.0]) == "+5"
    assert change_of([1.0, 2.0, 3.0], [2.0, 4.0, 6.1]) is None


def test_a_common_factor_may_scatter_by_a_fiftieth_of_the_change() -> None:
    # The change of 51 is 50, a fiftieth of which is 1.
    assert change_of([1.0, 2.0, 4.0], [51.0, 102.0, 208.0]) == "×51"
    assert change_of([1.0, 2.0, 4.0], [51.0, 102.0, 208.1]) is None


def test_outliers_beyond_the_twentieths_do_not_hide_a_common_change() -> None:
    held = [float(number) for number in range(1, 42)]
    given = [value * (3 if value == 41 else 2) for value in held]
    assert change_of(held, given) == "×2"
    assert change_of(held[22:], given[22:]) is None


def test_eight_values_show_a_line() -> None:
    held = [float(number) for number in range(8)]
    assert change_of(held, [value * 1.8 + 32 for value in held]) == "×1.8 +32"
    assert change_of(held[:7], [value * 1.8 + 32 for value in held[:7]]) is None
    twice = [*held[:7], 6.0]
    assert change_of(twice, [value * 1.8 + 32 for value in twice]) is None


def restated(factor: float, values: int) -> bool:
    """Whether a common factor of one place of two is found, over years; the other place is not revised."""
    years = range(2010, 2010 + values)
    held = joined(*(frame([10.0 + year % 7, 50.0], year) for year in years))
    given = held.assign(obs_value=held["obs_value"] * np.where(held["ref_area"] == "P00", factor, 1.0))
    noise = np.where(held["ref_area"] == "P01", np.linspace(1.01, 1.3, len(held)), 1.0)
    given["obs_value"] *= noise
    return X in revised.transformed(paired(given, held))


def test_one_place_may_restate_its_series_by_up_to_a_half() -> None:
    assert not restated(1.49, 4)
    assert restated(1.5, 4)
    assert not restated(1.5, 2)


def test_a_place_with_a_common_change_is_named_with_it() -> None:
    held = joined(*(frame([10.0 + year % 7, 50.0], year) for year in range(2010, 2014)))
    given = held.assign(obs_value=held["obs_value"] * np.where(held["ref_area"] == "P00", 2.0, 1.0))
    # The revisions of P01 have nothing in common, so that those of the indicator and of a year have not.
    given["obs_value"] *= np.where(held["ref_area"] == "P01", np.linspace(1.01, 1.3, len(held)), 1.0)
    assert revised.transformed(paired(given, held)) == {
        X: f"all revisions of a place share one change in {X}: P00 ×2"
    }


def reordered(count: int, moves: Sequence[int]) -> bool:
    held = [10.0 * number for number in range(count)]
    order = [*moves, *range(len(moves), count)]
    return X in revised.reordered(pairs(held, [held[number] for number in order]))


def test_ranks_turn_over_below_a_correlation_of_four_fifths() -> None:
    # Spearman's rho is 1 - 6 Σd²/(n³ - n). Two places five ranks apart: 1 - 300/504 = 0.40.
    assert reordered(8, [5, 1, 2, 3, 4, 0])
    assert not reordered(7, [5, 1, 2, 3, 4, 0])
    # Three ranks apart: 1 - 108/504 = 0.79; two: 1 - 48/504 = 0.90.
    assert reordered(8, [3, 1, 2, 0])
    assert not reordered(8, [2, 1, 0])


def alike(equal: int, of: int) -> bool:
    before = np.array([10.0 + number for number in range(of)])
    now = before + ([0.0] * equal + [1.0] * (of - equal))
    return moved._alike(now, before)


def test_four_fifths_of_three_or_more_places_make_years_alike() -> None:
    assert alike(4, 5)
    assert not alike(3, 5)
    assert alike(3, 3)
    assert not alike(2, 2)


@pytest.mark.parametrize(
    ("values", "distinct"),
    [(("1.234",), True), (("123",), False), (("0.0123",), False), (("-123",), False), (("1", "2"), True)],
)
def test_a_value_of_four_digits_is_no_chance(values: tuple[str, ...], distinct: bool) -> None:
    assert moved._is_distinct(values) == distinct


@pytest.mark.parametrize(("second", "found"), [(125.0, False), (126.0, True)])
def test_places_nearer_than_a_fifth_cannot_be_distinguished(second: float, found: bool) -> None:
    """Two places that exchange nearly their values: 25/125 is a fifth, 26/126 is more."""
    held, given = frame([100.0, second]), frame([second * 1.001, 100.0 * 1.001])
    sure, _ = moved.exchanged(by_series(given, held))
    assert (X in sure) == found


@pytest.mark.parametrize(("usual", "found"), [(1.05, True), (1.1, False)])
def test_in_a_new_year_places_must_move_by_four_times_the_usual_change(usual: float, found: bool) -> None:
    """100 and 130 exchange: 30/130 is 0.23, and four times 0.05/1.05 is 0.19, four times 0.1/1.1 is 0.36."""
    levels = [100.0, 130.0, 1000.0, 2000.0]
    held = joined(frame([level / usual for level in levels], 2017), frame(levels, 2018))
    _, likely = moved.exchanged(by_series(frame([130.0, 100.0, 1000.0, 2000.0]), held))
    assert (X in likely) == found


def test_a_list_has_three_names_and_how_many_more() -> None:
    assert listed(["a"]) == "a"
    assert listed(["a", "b", "c"]) == "a, b, c"
    assert listed(["a", "b", "c", "d"]) == "a, b, c and 1 more"
