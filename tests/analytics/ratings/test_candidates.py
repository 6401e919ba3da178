"""The candidate observations of a rating, chosen by hand."""

from collections.abc import Sequence
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

from city_indicators.analytics.ratings.candidates import OBSERVATIONS, Observations
from city_indicators.catalog.reference import RatedCity, Reference

REFERENCE = Reference(
    cities=tuple(
        RatedCity(ref_area=name, country=country, name_en=name, name_ru=name, name_zh=name)
        for name, country in (("moscow", "RUS"), ("kazan", "RUS"), ("paris", "FRA"))
    ),
    groups=(),
    bases=("city", "metro", "country"),
    city_level=("city",),
    precedence={"first": 1, "second": 2},
    units={"CO2": "KT", "INCOME": "USD_2021"},
    also_units={"INCOME": ("USD_2017",)},
)


def row(place: str, year: int, value: float, **other: object) -> dict[str, Any]:
    """An observation of CO2 by the first source, at city level unless the place is a country."""
    basis = "country" if place.isupper() else "city"
    return {
        **{"ref_area": place, "indicator": "CO2", "time_period": str(year), "unit_measure": "KT"},
        **{"obs_status": "A", "geo_basis": basis, "source": "first", "correction": None},
        **{"obs_value": value, "version": 1, **other},
    }


def candidates(rows: Sequence[dict[str, Any]], periods: Sequence[str], max_age: int = 2) -> pd.DataFrame:
    plain = {name: [each[name] for each in rows] for name in OBSERVATIONS.names}
    columns = [
        pa.array(plain[each.name], pa.string()).dictionary_encode()
        if pa.types.is_dictionary(each.type)
        else pa.array(plain[each.name], each.type)
        for each in OBSERVATIONS
    ]
    return Observations(pa.table(columns, names=OBSERVATIONS.names), REFERENCE).candidates(periods, max_age)


def values(found: pd.DataFrame, *columns: str) -> list[tuple[object, ...]]:
    return list(found[[*columns]].itertuples(index=False, name=None))


def test_a_value_is_carried_forward_until_the_next_or_its_greatest_age() -> None:
    rows = [row("moscow", 2010, 1), row("moscow", 2012, 2), row("moscow", 2019, 3)]
    found = candidates(rows, [str(year) for year in range(2009, 2020)])
    assert values(found, "time_period", "raw_time_period", "obs_value") == [
        ("2010", "2010", 1),
        ("2011", "2010", 1),
        ("2012", "2012", 2),
        ("2013", "2012", 2),
        ("2014", "2012", 2),
        ("2019", "2019", 3),
    ]


def test_years_between_those_requested_count() -> None:
    rows = [row("moscow", 2010, 1), row("moscow", 2012, 2)]
    assert values(candidates(rows, ["2013", "2011"]), "time_period", "obs_value") == [
        ("2011", 1),
        ("2013", 2),
    ]


def test_the_basis_is_preferred_to_the_source_and_the_source_to_the_year() -> None:
    rows = [
        row("moscow", 2020, 1, geo_basis="metro"),
        row("moscow", 2019, 2, source="second"),
        row("moscow", 2018, 3),
        row("moscow", 2020, 4, source="unlisted"),
        row("moscow", 2020, 5, geo_basis="unlisted"),
    ]
    assert candidates(rows, ["2020"])["obs_value"].tolist() == [3]
    assert candidates(rows, ["2020"], max_age=1)["obs_value"].tolist() == [2]
    assert candidates(rows, ["2020"], max_age=0)["obs_value"].tolist() == [4]
    assert candidates([rows[0], rows[4]], ["2020"])["obs_value"].tolist() == [1]


def test_a_country_gives_its_value_to_each_of_its_cities_beside_their_own() -> None:
    rows = [row("RUS", 2020, 1), row("moscow", 2020, 2), row("USA", 2020, 3), row("FRA", 2020, 4)]
    assert values(candidates(rows, ["2020"]), "ref_area", "source_ref_area", "geo_basis", "obs_value") == [
        ("kazan", "RUS", "country", 1),
        ("moscow", "moscow", "city", 2),
        ("moscow", "RUS", "country", 1),
        ("paris", "FRA", "country", 4),
    ]


def income(place: str, year: int, value: float, base: int) -> dict[str, Any]:
    return row(place, year, value, indicator="INCOME", unit_measure=f"USD_{base}")


@pytest.mark.parametrize(
    ("others", "expected"), [((2017, 2021), 2021), ((2017, 2017), 2017), ((2021, 2021), 2021)]
)
def test_the_unit_is_that_of_most_observations_of_all_places(others: tuple[int, int], expected: int) -> None:
    """Moscow has a value in both price bases; of equally many the first declared is used."""
    rows = [income("moscow", 2020, base, base) | {"source": str(base)} for base in (2017, 2021)]
    rows += [income(place, 2020, 0, base) for place, base in zip(("USA", "CHN"), others, strict=True)]
    assert candidates(rows, ["2020"])["obs_value"].tolist() == [expected]


def test_the_unit_of_a_year_does_not_depend_on_other_years() -> None:
    rows = [income("moscow", year, year, 2017) for year in (2010, 2011, 2012)]
    rows += [income("moscow", year, -year, 2021) for year in (2018, 2019)]
    found = candidates(rows, ["2012", "2019"])
    assert values(found, "time_period", "obs_value") == [("2012", 2012), ("2019", -2019)]


def test_a_unit_that_is_not_accepted_is_left_out() -> None:
    assert candidates([row("moscow", 2020, 1, unit_measure="T")], ["2020"]).empty


def test_without_observations_there_are_no_candidates_but_all_columns() -> None:
    found = candidates([], ["2020"])
    assert found.empty
    assert {"ref_area", "time_period", "raw_time_period", "source_ref_area", "correction"} <= set(found)
