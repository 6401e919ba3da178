"""The observations that a rating uses: the price base of a year, and the pair of a ratio."""

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import product
from pathlib import Path

import pandas as pd
import pytest
from sqlalchemy import Engine

from city_indicators.analytics.ratings.engine import Rating
from city_indicators.analytics.ratings.method import Method
from city_indicators.catalog.reference import Reference
from city_indicators.ingest import load as ingest
from city_indicators.reports.ratings import batches, computed, in_batches, published_tables
from city_indicators.reports.tables import Vintage
from city_indicators.warehouse.database import frame
from city_indicators.warehouse.moment import NOW, Moment
from tests import queries
from tests.analytics.ratings.small import method
from tests.warehouse.conftest import CATALOGUE, NOON
from tests.warehouse.entered import LoadInput, Observation, enter

Load = Callable[..., None]
REFERENCE = Reference.of(CATALOGUE)


@pytest.fixture
def load(warehouse: Engine, tmp_path: Path) -> Load:
    def load_source(source: str, *observations: Observation, at: datetime = NOON) -> None:
        indicators = tuple(sorted({observation.indicator for observation in observations}))
        given = LoadInput(source, range(2010, 2031), observations, indicators=indicators, partial=True)
        ingest.publish_load(enter(warehouse, tmp_path, given), tmp_path, warehouse, lambda: at)

    return load_source


def made(warehouse: Engine, how: Method, *periods: str, vintage: Vintage = Vintage()) -> Rating:  # noqa: B008
    with warehouse.connect() as connection:
        return computed(connection, how, REFERENCE, list(periods), vintage)


def profile_of_moscow(warehouse: Engine) -> dict[str, tuple[object, ...]]:
    """Year, value, basis and source of the profile of Moscow, by indicator."""
    with warehouse.connect() as connection:
        rows = frame(connection, "reports/city_profile/query", **REFERENCE.parameters(), known_at=NOW)
    rows = rows[rows["ref_area"] == "moscow"].set_index("indicator")
    shown = rows[["time_period", "obs_value", "geo_basis", "source"]]
    return dict(zip(shown.index, shown.itertuples(index=False, name=None), strict=True))


def of_moscow(rating: Rating, *columns: str) -> dict[str, tuple[object, ...]]:
    """Columns of the indicators of Moscow by year, None if there is no value."""
    rows = rating.indicators[rating.indicators["ref_area"] == "moscow"].astype(object)
    rows = rows.where(pd.notna(rows), None).set_index("time_period")
    return dict(zip(rows.index, rows[list(columns)].itertuples(index=False, name=None), strict=True))


def income(country: str, year: int, value: float, base: int) -> Observation:
    return Observation(country, str(year), value, "GDP_PC_PPP", f"INTL_USD_{base}")


def test_the_price_base_of_a_year_does_not_depend_on_other_years(warehouse: Engine, load: Load) -> None:
    """Dollars of 2017 until 2021, then dollars of 2021; each rated year uses two years before it too.

    2021: six observations in dollars of 2017, none of 2021. 2022: four and two. 2023: two and four, so
    Moscow, whose country has no value for 2023, gets that of 2022. All years together: eight and four.
    """
    load(
        "world_bank",
        *(
            income(country, year, 100 + year, 2017)
            for country in ("RUS", "CHN")
            for year in range(2018, 2022)
        ),
        income("RUS", 2022, 7000, 2021),
        *(income("CHN", year, 8000, 2021) for year in (2022, 2023)),
        income("IND", 2023, 9000, 2021),
    )
    how = method("GDP_PC_PPP", max_age_years=2)
    expected = {
        "2021": ("INTL_USD_2017", "2021", 2121),
        "2022": ("INTL_USD_2017", "2021", 2121),
        "2023": ("INTL_USD_2021", "2022", 7000),
    }
    columns = ("unit_measure", "raw_time_period", "obs_value")
    refreshed = of_moscow(made(warehouse, how, *(str(year) for year in range(2018, 2024))), *columns)
    assert {year: refreshed[year] for year in expected} == expected
    for year, observation in expected.items():
        assert of_moscow(made(warehouse, how, year), *columns) == {year: observation}


def test_years_rated_in_batches_are_rated_alike(
    warehouse: Engine, load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One year at a time; the first value is carried forward into the other batches."""
    load(
        "owid_grapher", energy("RUS", 2019, 60_000), energy("CHN", 2020, 50_000), energy("CHN", 2021, 40_000)
    )
    how, periods = method("ENERGY_PC", max_age_years=2), ["2019", "2020", "2021"]
    monkeypatch.setattr("city_indicators.reports.ratings.CITY_YEARS_AT_ONCE", 1)
    with warehouse.connect() as connection:
        lots = batches(periods, len(REFERENCE.cities))
        rated = list(in_batches(connection, how, REFERENCE, lots, Vintage()))
    at_once = made(warehouse, how, *periods)
    assert [batch.steps.chain.panel.periods for batch in rated] == [["2019"], ["2020"], ["2021"]]
    assert at_once.indicators["obs_value"].notna().sum() > len(periods)
    for name in ("scores", "indicators"):
        joined = pd.concat([getattr(batch, name) for batch in rated], ignore_index=True)
        pd.testing.assert_frame_equal(joined, getattr(at_once, name), check_exact=True)


def test_profile_and_rating_use_the_same_observation(warehouse: Engine, load: Load) -> None:
    """The precedence of owid_grapher, 50, counts more than the later year of world_bank, 100."""
    load("owid_grapher", Observation("RUS", "2019", 11))
    load("world_bank", Observation("RUS", "2019", 12), Observation("RUS", "2020", 13))
    rated = of_moscow(made(warehouse, method("ENERGY_PC", max_age_years=2), "2020"), "source", "obs_value")
    assert rated == {"2020": ("owid_grapher", 11)}
    parameters = {**REFERENCE.parameters(), "known_at": NOW}
    with warehouse.connect() as connection:
        profile = frame(connection, "reports/city_profile/query", **parameters)
        chosen = frame(
            connection,
            "reports/best_practice_evidence/inputs",
            **parameters,
            city_level=list(REFERENCE.city_level),
            indicators=["ENERGY_PC"] * 2,
            cities_of_places=["moscow"] * 2,
            places=["moscow", "RUS"],
            cities_with_cases=["moscow"],
        )
    for rows in (profile, chosen):
        first = rows[rows["ref_area"] == "moscow"].iloc[0]
        assert (first["indicator"], first["obs_value"]) == ("ENERGY_PC", 11)


def test_a_projection_is_neither_rated_nor_shown(warehouse: Engine, load: Load) -> None:
    """The country has a value observed for 2021 and a projection for 2022, which only looks newer."""
    load("owid_grapher", energy("RUS", 2021, 60_000), energy("RUS", 2022, 99)._replace(obs_status="F"))
    rated = of_moscow(
        made(warehouse, method("ENERGY_PC", max_age_years=2), "2022"), "obs_value", "raw_time_period"
    )
    assert rated == {"2022": (60_000, "2021")}
    assert profile_of_moscow(warehouse) == {"ENERGY_PC": ("2021", 60_000, "country", "owid_grapher")}
    with warehouse.connect() as connection:
        known = frame(connection, "refresh/known_periods", known_at=NOW)
    assert list(known.itertuples(index=False, name=None)) == [("ENERGY_PC", "2021")]


@pytest.mark.parametrize("status", ["A", "B", "E", "P", "U"])
def test_every_other_status_is_rated(warehouse: Engine, load: Load, status: str) -> None:
    load("owid_grapher", energy("RUS", 2021, 60_000)._replace(obs_status=status))
    assert of_moscow(made(warehouse, method("ENERGY_PC"), "2021"), "obs_value") == {"2021": (60_000,)}
    assert profile_of_moscow(warehouse)["ENERGY_PC"][1] == 60_000


def test_a_newer_national_value_does_not_displace_that_of_the_city(warehouse: Engine, load: Load) -> None:
    """First the basis counts, then the source, and only then the year."""
    load("owid_grapher", energy("RUS", 2023, 60_000))
    load("city_submission", energy("moscow", 2018, 41, "city"), energy("moscow", 2019, 42, "city"))
    load("undata_population", energy("moscow", 2022, 43, "region"))
    expected = ("2019", 42, "city", "city_submission")
    assert profile_of_moscow(warehouse) == {"ENERGY_PC": expected}
    rated = made(warehouse, method("ENERGY_PC", max_age_years=4), "2023")
    assert of_moscow(rated, "raw_time_period", "obs_value", "geo_basis", "source") == {"2023": expected}


def test_the_preferred_source_counts_more_than_the_year_also_ten_years_later(
    warehouse: Engine, load: Load
) -> None:
    sources = REFERENCE.parameters()["sources"]
    assert sources.index("owid_grapher") < sources.index("world_bank")
    load("world_bank", energy("RUS", 2030, 13))
    load("owid_grapher", energy("RUS", 2010, 10), energy("RUS", 2011, 11))
    assert profile_of_moscow(warehouse) == {"ENERGY_PC": ("2011", 11, "country", "owid_grapher")}


def test_observations_are_preferred_by_basis_then_by_source_then_by_year(warehouse: Engine) -> None:
    """Listed ones first, in the order of the lists; without a year last of their basis and source."""
    bases, sources, years = (
        ("city", "region", "unlisted"),
        ("one", "two", "unlisted"),
        ("2100", "2001", "1900", None),
    )
    expected = list(product(bases, sources, years))
    order = """
        select basis, source, year
        from unnest(cast(:bases as text[]), cast(:sources as text[]), cast(:years as text[]))
            as given (basis, source, year)
        order by core.preference(basis, source, year, array['city', 'region'], array['one', 'two'])
    """
    shuffled = sorted(expected, key=str)
    columns = dict(zip(("bases", "sources", "years"), map(list, zip(*shuffled, strict=True)), strict=True))
    assert queries.rows(warehouse, order, **columns) == expected


def test_an_observation_of_exactly_the_greatest_age_is_used(warehouse: Engine, load: Load) -> None:
    load("owid_grapher", energy("RUS", 2019, 60_000), energy("CHN", 2018, 30_000))
    rating = made(warehouse, method("ENERGY_PC", max_age_years=2), "2021").indicators.set_index("ref_area")
    # Russia's is two years old, China's three.
    assert rating.loc["moscow", "raw_time_period"] == "2019"
    assert pd.isna(rating.loc["guangzhou", "obs_value"])


def test_an_observation_of_a_later_year_is_not_used(warehouse: Engine, load: Load) -> None:
    load("owid_grapher", energy("RUS", 2021, 60_000), energy("RUS", 2022, 61_000))
    rating = made(warehouse, method("ENERGY_PC", max_age_years=2), "2021", "2022")
    assert of_moscow(rating, "raw_time_period") == {"2021": ("2021",), "2022": ("2022",)}


def test_a_vintage_has_the_keys_known_at_its_moment_with_the_values_known_later(
    warehouse: Engine, load: Load
) -> None:
    """2020 is known from 12:00, 2021 from 13:00; at 14:00 both are revised, which adds no key."""
    one, two = NOON + timedelta(hours=1), NOON + timedelta(hours=2)
    load("owid_grapher", energy("RUS", 2020, 60_000))
    load("owid_grapher", energy("RUS", 2021, 61_000), at=one)
    revised = [energy("RUS", 2020, 50_000)._replace(later=1), energy("RUS", 2021, 51_000)._replace(later=1)]
    load("owid_grapher", *revised, at=two)

    def of(known_at: Moment, keys_known_at: Moment) -> tuple[object, ...]:
        vintage = Vintage(known_at, keys_known_at)
        rating = made(warehouse, method("ENERGY_PC", max_age_years=2), "2021", vintage=vintage)
        return of_moscow(rating, "raw_time_period", "obs_value")["2021"]

    moment = timedelta(microseconds=1)
    assert of(NOW, NOW) == of(NOW, one) == ("2021", 51_000)
    assert of(NOW, one - moment) == of(NOW, NOON) == ("2020", 50_000)
    assert of(NOW, NOON - moment) == (None, None)
    assert of(one, NOW) == of(two - moment, one) == ("2021", 61_000)
    assert of(one - moment, NOW) == of(NOON, NOON) == ("2020", 60_000)
    assert of(two, NOW) == ("2021", 51_000)


def test_only_the_own_key_of_an_observation_makes_it_known(warehouse: Engine, load: Load) -> None:
    """At 12:00 keys are known that differ in the place, the year, the indicator or the source."""
    one = NOON + timedelta(hours=1)
    load("owid_grapher", energy("CHN", 2021, 30_000), energy("RUS", 2020, 60_000))
    load("owid_grapher", Observation("RUS", "2021", 40_000, "GDP_PC_PPP", "INTL_USD_2021"))
    load("owid_grapher", energy("RUS", 2021, 61_000), at=one)

    def of(keys_known_at: Moment) -> tuple[object, ...]:
        vintage = Vintage(NOW, keys_known_at)
        rating = made(warehouse, method("ENERGY_PC", max_age_years=0), "2021", vintage=vintage)
        return of_moscow(rating, "source", "obs_value")["2021"]

    assert of(NOON) == (None, None)
    assert of(one) == ("owid_grapher", 61_000)
    load("world_bank", energy("RUS", 2021, 62_000), at=NOON)
    assert of(NOON) == ("world_bank", 62_000)


def test_a_source_removed_from_the_catalogue_comes_last(warehouse: Engine, load: Load) -> None:
    load("owid_grapher", Observation("RUS", "2019", 11))
    load("world_bank", Observation("RUS", "2020", 13))
    left = {source: place for source, place in REFERENCE.precedence.items() if source != "owid_grapher"}
    known = REFERENCE.model_copy(update={"precedence": left})
    with warehouse.connect() as connection:
        profile = frame(connection, "reports/city_profile/query", **known.parameters(), known_at=NOW)
        assert set(profile["source"]) == {"world_bank"}
        load("cdp_emissions", Observation("moscow", "2018", 9, geo_basis="city"))
        rated = known.model_copy(update={"precedence": {"world_bank": 100}})
        profile = frame(connection, "reports/city_profile/query", **rated.parameters(), known_at=NOW)
    assert set(profile.loc[profile["ref_area"] == "moscow", "source"]) == {"cdp_emissions"}


def energy(place: str, year: int, value: float, basis: str = "country") -> Observation:
    return Observation(place, str(year), value, geo_basis=basis)


PAIR = (
    *("raw_value", "geo_basis", "source", "source_ref_area", "raw_time_period"),
    *("denominator_value", "denominator_source", "denominator_source_ref_area", "denominator_time_period"),
)


def pair_of_moscow(warehouse: Engine) -> tuple[object, ...]:
    """The row of report.rating_indicator for energy by income."""
    leaves = [{"indicator": "ENERGY_PC", "denominator": "GDP_PC_PPP", "direction": "lower"}]
    rating = made(warehouse, method(indicators=leaves, max_age_years=2), "2022")
    rows = published_tables(rating, REFERENCE)["rating_indicator"].set_index("ref_area")
    return tuple(rows.loc["moscow", list(PAIR)].astype(object).where(lambda row: row.notna(), None))


def test_a_ratio_uses_two_national_or_two_local_values(warehouse: Engine, load: Load) -> None:
    load("world_bank", income("RUS", 2022, 40_000, 2021))
    load("owid_grapher", energy("RUS", 2021, 60_000))
    national = (60_000, "country", "owid_grapher", "RUS", "2021", 40_000, "world_bank", "RUS", "2022")
    assert pair_of_moscow(warehouse) == national
    # The energy of the city is not divided by the income of its country.
    load("city_submission", energy("moscow", 2022, 75_000, "city"))
    assert pair_of_moscow(warehouse) == national
    own = income("moscow", 2020, 80_000, 2021)._replace(geo_basis="region")
    load("undata_population", own)
    assert pair_of_moscow(warehouse) == (
        *(75_000, "city", "city_submission", "moscow", "2022"),
        *(80_000, "undata_population", "moscow", "2020"),
    )


def test_the_metro_is_divided_by_the_population_of_the_agglomeration(warehouse: Engine, load: Load) -> None:
    load("metro_systems", Observation("moscow", "2022", 450, "METRO_KM", "KM", "A", "metro"))
    load("un_wup", Observation("moscow", "2020", 12_500_000, "POP_AGGLO", "PS", "E", "agglomeration"))
    leaves = [{"indicator": "METRO_KM", "denominator": "POP_AGGLO", "direction": "higher"}]
    rating = made(warehouse, method(indicators=leaves, max_age_years=2), "2022")
    # 36 km per million.
    assert of_moscow(rating, "treated_value", "denominator_obs_value") == {
        "2022": (pytest.approx(36e-6), 12_500_000)
    }


def test_a_national_value_without_a_national_denominator_has_none(warehouse: Engine, load: Load) -> None:
    load("owid_grapher", energy("RUS", 2021, 60_000))
    load("undata_population", income("moscow", 2020, 80_000, 2021)._replace(geo_basis="region"))
    raw = (60_000, "country", "owid_grapher", "RUS", "2021")
    assert pair_of_moscow(warehouse) == (*raw, None, None, None, None)
