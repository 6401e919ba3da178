"""Checks of a load by indicator: each kind of change is found, by its rule; what publishers do is not."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

from city_indicators.catalog import Catalogue
from city_indicators.ingest.normalise import KEY
from city_indicators.ingest.validation.context import KNOWN_COLUMNS
from city_indicators.ingest.validation.expected_contents import ANCHOR_COLUMNS, ExpectedContents
from city_indicators.ingest.validation.load_checks.assess import NOTHING_HELD, Held, assess
from city_indicators.ingest.validation.load_checks.compare import apart
from city_indicators.ingest.validation.rules import load_rules
from city_indicators.ingest.validation.validate import ValidationResult, validate_observations
from tests.ingest.validation.conftest import COMPARED

PLACES = [f"P{number:02}" for number in range(20)]
YEARS = range(2015, 2020)
Value = Callable[[int, int], float]
Rows = list[tuple[str, str, str, float]]
NOTHING: tuple[str, ...] = ()


def level(place: int, year: int) -> float:
    """A value that differs by place and grows by one percent a year: place 0 has 100 in 2015."""
    return (100 + 7 * place) * 1.01 ** (year - 2015)


def rows(value: Value = level, years: Iterable[int] = YEARS, indicator: str = "ENERGY_PC") -> Rows:
    return [
        (place, indicator, str(year), value(number, year))
        for year in years
        for number, place in enumerate(PLACES)
    ]


@pytest.fixture
def found(catalogue: Catalogue) -> Callable[..., dict[str, str]]:
    """What the checks of a load find about its indicators, by column of the rules."""

    def assess_rows(
        given: Rows,
        held: Rows = [],  # noqa: B006 - never changed
        anchors: Rows = [],  # noqa: B006
        usual: dict[str, float] | None = None,
        fewest: dict[str, int] | None = None,
        others: Rows = [],  # noqa: B006
        partial: bool = False,
    ) -> dict[str, str]:
        unit = {"unit_measure": "KWH_PC"}
        observations = pd.DataFrame(given, columns=[*KEY, "obs_value"]).assign(**unit)
        frames = [
            pd.DataFrame(each, columns=[*KEY, "obs_value"]).assign(source=source, **unit)
            for each, source in ((held, "publisher"), (others, "another"))
        ]
        known = pd.concat(frames)[KNOWN_COLUMNS].astype({"obs_value": float})
        declared = pd.DataFrame(anchors, columns=[*KEY, "obs_value"]).assign(tolerance=0.05, **unit)
        years = frozenset(row[2] for row in [*given, *anchors])
        expected = ExpectedContents(declared[ANCHOR_COLUMNS], fewest or {}, years)
        indicators = sorted({row[1] for row in [*given, *held]})
        stored = known[(known["source"] == "publisher") & known["time_period"].isin(years)]
        assessed = assess(
            *("publisher", observations, observations, stored, Held(known, usual or {}, expected)),
            *(catalogue, indicators, partial),
        )
        (first, *_) = assessed.to_dict("records")
        return {
            str(name): str(text)
            for name, text in first.items()
            if text is not None and name not in ("indicator", "row_no")
        }

    return assess_rows


@pytest.fixture
def validated_load(catalogue: Catalogue, rows_of: Any) -> Callable[..., ValidationResult]:
    """Validates twenty places of which one has no number; each of them is expected, and has an anchor."""

    def validate(spoilt: int) -> ValidationResult:
        given = rows_of(
            *(
                {"ref_area": place, "obs_value": float("nan") if number == spoilt else 50.5 + number}
                for number, place in enumerate(PLACES)
            )
        ).astype(COMPARED)
        anchors = pd.DataFrame(
            [(place, "URB_SHARE", "2018", "PT", 50.5 + number, 0.05) for number, place in enumerate(PLACES)],
            columns=ANCHOR_COLUMNS,
        )
        expected = ExpectedContents(anchors, {"URB_SHARE": 20}, frozenset({"2018"}))
        held = replace(NOTHING_HELD, expected=expected)
        return validate_observations(
            *("publisher", given, given[KEY].head(0), load_rules(), catalogue, ["URB_SHARE"], held)
        )

    return validate


def test_every_column_has_its_rule(catalogue: Catalogue) -> None:
    nothing = pd.DataFrame(columns=[*KEY, "obs_value", "unit_measure"])
    held = Held(pd.DataFrame(columns=KNOWN_COLUMNS), {}, ExpectedContents())
    assessed = assess("publisher", nothing, nothing, nothing, held, catalogue, ["ENERGY_PC"], False)
    rules = load_rules().indicator_rules
    columns = set(assessed) - {"indicator", "row_no"}
    assert len(rules) == len(columns)
    assert {rule.column for rule in rules} == columns
    assert all(rule.reason == f"{{{rule.column}}}" for rule in rules)


def test_the_relative_difference_is_that_to_the_larger_value() -> None:
    values = apart([110.0, 0.0, 5.0, 0.0, -1.0], [100.0, 5.0, 0.0, 0.0, 1.0])
    assert values.tolist() == pytest.approx([10 / 110, -1.0, 1.0, 0.0, -2.0])


def test_the_same_again_and_the_next_year_are_unremarkable(found: Any) -> None:
    assert found(rows(), rows()) == {}
    assert found(rows(years=[2020]), rows()) == {}


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (lambda value: value * 1000, "all revisions of ENERGY_PC share one change: ×1000"),
        (lambda value: value * 0.01, "all revisions of ENERGY_PC share one change: ×0.01"),
        (lambda value: value * 1.102, "all revisions of ENERGY_PC share one change: ×1.102"),
        (lambda value: round(value * 1.102, 1), "all revisions of ENERGY_PC share one change: ×1.10"),
        (lambda value: value + 273.15, "all revisions of ENERGY_PC share one change: +273.15"),
        (lambda value: value * 1.8 + 32, "all revisions of ENERGY_PC share one change: ×1.8 +32"),
    ],
)
def test_a_common_change_is_named(found: Any, change: Callable[[float], float], text: str) -> None:
    # The source has revised by as much before, so that only the common change is remarkable.
    usual = {"ENERGY_PC": 1.0}
    findings = found(rows(lambda place, year: change(level(place, year))), rows(), usual=usual)
    assert findings["common_change"].startswith(text)
    assert "revised" not in findings


def test_a_common_change_of_one_year_or_one_place_is_named(found: Any) -> None:
    def one_year(place: int, year: int) -> float:
        return level(place, year) * (1.2 if year == 2017 else 1 + place / 1000)

    findings = found(rows(one_year), rows(), usual={"ENERGY_PC": 1.0})
    assert findings["common_change"] == "all revisions of ENERGY_PC of 2017 share one change: ×1.2"

    def one_place(place: int, year: int) -> float:
        return level(place, year) * (1000 if place == 3 else 1)

    findings = found(rows(one_place), rows(), usual={"ENERGY_PC": 1.0})
    assert findings["common_change"] == "all revisions of ENERGY_PC share one change: ×1000"
    assert findings["tenfold"].startswith("5 held values of ENERGY_PC are revised tenfold or more, the first")


def revised(places: int, by: float) -> Value:
    """Revises each of the first places by another share, up to `by`."""
    return lambda place, year: level(place, year) * (1 + (by * (place + 1) / places if place < places else 0))


def test_more_than_a_quarter_revised_for_the_first_time_is_refused(found: Any) -> None:
    assert "revised" not in found(rows(revised(5, 0.02)), rows())
    # The median of 2/6 % to 2 % is 3.5/3 %, of the larger value 1.15 %.
    assert found(rows(revised(6, 0.02)), rows())["revised"] == (
        "30 of 100 held values of ENERGY_PC are revised for the first time, by 1.2 % in the median"
    )


def test_what_the_source_has_done_before_is_usual(found: Any) -> None:
    assert "revised" not in found(rows(revised(20, 0.02)), rows(), usual={"ENERGY_PC": 0.02})
    # The median of the fifteen places that are revised by more than 0.5 %, of which the largest is 2 %.
    assert found(rows(revised(20, 0.02)), rows(), usual={"ENERGY_PC": 0.005})["revised"] == (
        "75 of 100 held values of ENERGY_PC are revised by more than its history shows (0.5 %), by 1.3 % in "
        "the median"
    )


def test_a_few_noticeable_revisions_are_named(found: Any) -> None:
    """Of 128.00 as held, 12 % more is noticeable and 11 % more is not, as the larger value counts."""
    changed = {(4, 2015): 1.12, (4, 2016): 1.11}
    given = rows(lambda place, year: level(place, year) * changed.get((place, year), 1))
    assert found(given, rows()) == {
        "some_revised": (
            f"1 of {len(given)} held values of ENERGY_PC are revised by 10 % or more, the most is P04 2015 "
            "(128 to 143.36)"
        )
    }
    assert found(given, rows(), usual={"ENERGY_PC": 0.2}) == {}


def test_first_revisions_are_named_however_small_they_are(found: Any) -> None:
    given = rows(lambda place, year: level(place, year) * (1.0001 if (place, year) == (4, 2015) else 1))
    assert found(given, rows()) == {
        "some_revised": (
            "1 of 100 held values of ENERGY_PC are revised for the first time, the most is P04 2015 "
            "(128 to 128.013)"
        )
    }
    assert found(given, rows(), usual={"ENERGY_PC": 0.01}) == {}


def test_a_tenfold_value_is_refused_even_if_it_is_the_only_one(found: Any) -> None:
    given = rows(lambda place, year: level(place, year) * (10 if (place, year) == (4, 2016) else 1))
    # (100 + 28) · 1.01
    assert found(given, rows())["tenfold"] == (
        "1 held values of ENERGY_PC are revised tenfold or more, the first is P04 2016 (129.28 to 1292.8)"
    )
    # One day more where there was none is no large revision among values of up to ninety days.
    days = rows(lambda place, _: 5.0 * place)
    assert "tenfold" not in found([(*row[:3], max(row[3], 1.0)) for row in days], days)


def test_ranks_that_turn_over_are_refused(found: Any) -> None:
    findings = found(rows(lambda place, year: level(19 - place, year)), rows(), usual={"ENERGY_PC": 2.0})
    assert findings["reordered"] == (
        "places of ENERGY_PC 2015 have other ranks than held (correlation -1.00)"
    )


def swapped(one: int, other: int) -> Value:
    return lambda place, year: level({one: other, other: one}.get(place, place), year)


def test_two_places_that_changed_places_are_named(found: Any) -> None:
    findings = found(rows(swapped(2, 15)), rows(), usual={"ENERGY_PC": 2.0})
    assert findings["exchanged"] == (
        "places have changed places in ENERGY_PC: P02 and P15 in 2015, P02 and P15 in 2016, P02 and P15 in "
        "2017 and 2 more"
    )


def test_two_close_places_must_have_exactly_each_others_values(found: Any) -> None:
    usual = {"ENERGY_PC": 2.0}
    expected = "places have changed places in ENERGY_PC: P18 and P19"
    assert found(rows(swapped(18, 19)), rows(), usual=usual)["exchanged"] == expected

    def rounded(value: Value, years: Iterable[int]) -> Rows:
        return rows(lambda place, year: round(value(place, year) / 10), years)

    # 23 and 24 with two digits: in one year it may be chance, not in five.
    assert "exchanged" not in found(rounded(swapped(18, 19), [2019]), rounded(level, [2019]), usual=usual)
    assert found(rounded(swapped(18, 19), YEARS), rounded(level, YEARS), usual=usual)["exchanged"] == expected


def test_two_places_with_values_of_different_years_may_change_places(found: Any) -> None:
    one_each = [("P00", "ENERGY_PC", "2015", 104.25), ("P01", "ENERGY_PC", "2017", 120.5)]
    swapped_values = [(*one_each[0][:3], 120.5), (*one_each[1][:3], 104.25)]
    assert found(swapped_values, one_each)["exchanged"] == (
        "places have changed places in ENERGY_PC: P00 and P01"
    )


def test_two_places_that_changed_places_in_a_new_year_are_named(found: Any) -> None:
    findings = found(rows(swapped(2, 15), [2020]), rows())
    assert "exchanged" not in findings
    assert findings["seems_exchanged"] == (
        "places seem to have changed places in ENERGY_PC: P02 and P15 in 2020"
    )


def test_a_year_with_the_values_of_another_is_named(found: Any) -> None:
    usual = {"ENERGY_PC": 2.0}
    assert found(rows(lambda place, year: level(place, year - 1)), rows(), usual=usual)["shifted"] == (
        "ENERGY_PC 2016 has the values of 2015"
    )
    assert found(rows(lambda place, year: level(place, year - 1), [2020]), rows())["shifted"] == (
        "ENERGY_PC 2020 has the values of 2019"
    )


def test_a_source_whose_years_are_alike_is_not_shifted(found: Any) -> None:
    def unchanged(place: int, _: int) -> float:
        return level(place, 2015)

    for years in ([2020], [2019], YEARS):
        assert "shifted" not in found(rows(unchanged, years), rows(unchanged))


@pytest.mark.parametrize(("value", "shown"), [(0.0, "0"), (42.5, "42.5")])
def test_a_column_that_is_zero_or_constant_is_refused(found: Any, value: float, shown: str) -> None:
    for held in ([], rows()):
        findings = found(rows(lambda *_: value, [2020]), held)
        assert findings["constant"] == f"all 20 values of ENERGY_PC 2020 are {shown}"
    always = rows(lambda *_: value)
    assert "constant" not in found(rows(lambda *_: value, [2020]), always)


def test_a_column_that_copies_another_is_refused(found: Any) -> None:
    both = [*rows(), *rows(indicator="GHG_PC")]
    text = "ENERGY_PC and GHG_PC have the same values (100 compared): one is a copy of the other"
    assert found(both)["copied"] == text
    other = rows(lambda place, year: level(place, year) / 3, indicator="GHG_PC")
    assert found(both, [*rows(), *other])["copied"] == text
    assert "copied" not in found(both, both)
    assert "copied" not in found([*rows(), *other])
    # What only one of them has is not compared.
    shorter = [*rows(years=YEARS[:2]), *rows(years=YEARS[1:], indicator="GHG_PC")]
    assert found(shorter)["copied"] == text.replace("100", "20")


def test_a_step_beyond_all_earlier_ones_is_refused_or_gets_a_warning(found: Any) -> None:
    held = rows()
    assert found(rows(lambda place, year: level(place, year) * 1.25, [2020]), held)["step"] == (
        # 1.01 · 1.25 = 1.2625, and 0.2625/1.2625 = 20.8 %; so far 0.01/1.01 = 0.99 %.
        "the places of ENERGY_PC change by +21 % a year in the median from 2019 to 2020; the largest change "
        "so far is 0.99 %"
    )
    findings = found(rows(lambda place, year: level(place, year) * 1.03, [2020]), held)
    assert "step" not in findings
    assert findings["unusual_step"].startswith("the places of ENERGY_PC change by +3.9 % a year")


def test_a_young_series_may_change_by_less_than_its_double(found: Any) -> None:
    held = rows(years=[2019])
    assert "step" not in found(rows(lambda place, year: level(place, year) * 1.9, [2020]), held)
    assert "step" in found(rows(lambda place, year: level(place, year) * 2.1, [2020]), held)


ANCHOR = [("P03", "ENERGY_PC", "2015", 121.0)]


def test_a_first_load_must_agree_with_the_anchors(found: Any) -> None:
    first = found(rows(), anchors=ANCHOR)
    assert first == {
        "first_values": "first 100 values of ENERGY_PC, 1 of them compared with a declared anchor: 2015, "
        "2016, 2017 and 2 more"
    }
    # 0.1/1.1 = 9.1 % is more than the tolerance of 5 %.
    findings = found(rows(lambda place, year: level(place, year) * 1.1), anchors=ANCHOR)
    assert findings["anchor"] == "P03 ENERGY_PC 2015 is given as 133.1, but was published as 121"
    without = [row for row in rows() if row[:3] != ("P03", "ENERGY_PC", "2015")]
    missing = "P03 ENERGY_PC 2015 is not given, but was published as 121"
    assert found(without, anchors=ANCHOR)["anchor"] == missing
    assert "anchor" not in found(without, anchors=ANCHOR, partial=True)


def test_an_anchor_shows_a_shift_that_its_tolerance_allows(found: Any) -> None:
    anchors = [*ANCHOR, ("P03", "ENERGY_PC", "2016", 121.0 * 1.01)]
    assert "anchor" not in found(rows(), anchors=anchors)
    findings = found(rows(lambda place, year: level(place, year - 1)), anchors=anchors)
    assert findings["anchor"] == "P03 ENERGY_PC 2016 is given the value published for 2015"


def test_an_anchor_that_is_held_is_left_to_the_checks_of_revisions(found: Any) -> None:
    findings = found(
        rows(lambda place, year: level(place, year) * 1.1), rows(), ANCHOR, usual={"ENERGY_PC": 1.0}
    )
    assert "anchor" not in findings


def test_a_first_load_must_agree_with_another_source(found: Any) -> None:
    given = rows(indicator="CO2_PC")
    others = rows(lambda place, year: level(place, year) * 1.3, indicator="CO2_PC")
    # 0.3/1.3 = 23 % is more than the tolerance of CO2_PC, 15 %.
    assert found(given, others=others)["other_source"] == (
        "CO2_PC differs by 23 % in the median from the same 100 observations of another"
    )
    near = rows(lambda place, year: level(place, year) * 1.1, indicator="CO2_PC")
    assert "other_source" not in found(given, others=near)
    assert "other_source" not in found(given, given, others=others)


def test_observations_that_are_gone_are_refused_or_gets_a_warning(found: Any) -> None:
    without = [row for row in rows() if row[0] not in ("P00", "P10")]
    assert found(without, rows())["gone"] == (
        "10 of 100 held observations of ENERGY_PC are gone from the source (10 %): P00 2015, P10 2015, P00 "
        "2016 and 7 more"
    )
    findings = found(rows()[1:], rows())
    assert findings == {
        "some_gone": "1 of 100 held observations of ENERGY_PC are gone from the source (1 %): P00 2015"
    }


def test_a_new_year_needs_as_many_places_as_declared_or_as_before(found: Any) -> None:
    eighteen = rows(years=[2020])[2:]
    assert found(eighteen, fewest={"ENERGY_PC": 20})["too_few_places"] == (
        "18 places of ENERGY_PC 2020, 20 are expected"
    )
    assert found(eighteen, rows())["too_few_places"] == "18 places of ENERGY_PC 2020, 20 are expected"
    # A held year with ten places shows that so few are possible.
    irregular = [*rows(years=[2016, 2018, 2019]), *rows(years=[2017])[10:]]
    findings = found(eighteen, irregular)
    assert "too_few_places" not in findings
    assert findings["fewer_places"] == "18 places of ENERGY_PC 2020, 20 in 2019"


def test_a_partial_load_misses_nothing(found: Any) -> None:
    few = rows(years=[2020])[15:]
    assert "too_few_places" not in found(few, rows(), fewest={"ENERGY_PC": 20}, partial=True)


def test_a_rejected_row_is_neither_missing_nor_a_missing_place(validated_load: Any) -> None:
    """One of twenty places has a value that no rule accepts: its row is rejected, the others are loaded."""
    verdict = validated_load(spoilt=0)
    assert (len(verdict.rejected), verdict.refusals) == (1, ())
