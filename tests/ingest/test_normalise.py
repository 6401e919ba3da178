"""Normalises records: areas, units, statuses, exact decimals, repeats."""

import math
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pandas as pd
import pytest

from city_indicators.catalog import Catalogue, Series
from city_indicators.core.errors import CatalogueError
from city_indicators.ingest.normalise import COLUMNS, Normalised, normalise
from city_indicators.sources import units
from city_indicators.sources.records import Fault, Record, as_number

YEAR = "2018"


@pytest.fixture
def record(snapshot_of: Any) -> Callable[..., Record]:
    """A record of Russia's urban share in 2018, with the given changes."""
    series = Series(code="SP.URB.TOTL.IN.ZS", indicator="URB_SHARE", geo_basis="country", unit="PT")
    snapshot, _ = snapshot_of(b"bytes")

    def make(
        value: str | float | None = 74.4, area: str = "RUS", period: str = YEAR, **changes: Any
    ) -> Record:
        given = {"series": series, "title": "Urban population (%)", "pointer": "/1/0", "raw": "{}"}
        return Record(
            area_code=area, time_period=period, value=value, snapshot=snapshot, **{**given, **changes}
        )

    return make


@pytest.fixture
def normalised(catalogue: Catalogue, years: Any) -> Callable[..., Normalised]:
    def normalise_year(*records: Record, source: str = "world_bank") -> Normalised:
        return normalise(records, catalogue.sources[source], catalogue, years(2018, 2018))

    return normalise_year


def only(normalised: Normalised) -> dict[str, Any]:
    (row,) = normalised.with_raw_rows(normalised.observations).to_dict("records")
    return row


@pytest.mark.parametrize("column", ["ref_area", "indicator", "time_period", "unit_measure", "obs_value"])
def test_column_types_do_not_depend_on_the_records(normalised: Any, record: Any, column: str) -> None:
    by_title = Series(
        code="NY.GDP.PCAP.PP.KD", indicator="GDP_PC_PPP", geo_basis="country", unit_by_title={"2017": "USD"}
    )
    unknown = record("n/a", area="Atlantis", series=by_title, title="in new money")
    types = [normalised(*records).observations[column].dtype for records in ([record()], [], [unknown])]
    assert types == [types[0]] * 3


def test_a_record_becomes_one_observation(normalised: Any, record: Any) -> None:
    snapshot = record().snapshot
    assert only(normalised(record(74.433))) == {
        "row_no": 0,
        "ref_area": "RUS",
        "indicator": "URB_SHARE",
        "time_period": "2018",
        "freq": "A",
        "obs_value": 74.433,
        "unit_measure": "PT",
        "obs_status": "A",
        "geo_basis": "country",
        "unit_as_published": "PT",
        "value_as_published": "74.433",
        "area_code": "RUS",
        "occurrence": 1,
        "distinct_values": 1,
        "shortfall": 0.0,
        "fault": None,
        "fault_reason": None,
        "sha256": snapshot.sha256,
        "url": snapshot.url,
        "pointer": "/1/0",
        "raw_row": "{}",
    }


@pytest.mark.parametrize("area", ["ARB", "V4", "Africa", "RU", ""])
def test_keeps_an_area_that_an_iso_source_was_not_requested_for(
    normalised: Any, record: Any, area: str
) -> None:
    result = normalised(record(area=area))
    assert pd.isna(only(result)["ref_area"])
    assert only(result)["area_code"] == area
    assert result.out_of_scope == 0


def test_other_areas_of_a_source_with_its_own_codes_are_out_of_scope(normalised: Any, record: Any) -> None:
    result = normalised(record(area="22511"), record(area="22299"), source="un_wup")
    assert only(result)["ref_area"] == "moscow"
    assert result.out_of_scope == 1


@pytest.mark.parametrize("period", ["2017", "2019"])
def test_a_period_outside_the_interval_is_out_of_scope(normalised: Any, record: Any, period: str) -> None:
    result = normalised(record(period=period))
    assert (len(result.observations), result.out_of_scope, result.empty_cells) == (0, 1, 0)


@pytest.mark.parametrize(
    "period",
    ["2018-01-01 - 2019-12-31", "2018-01-01T00:00:00.000", "2018.0", "2018-2019", "2018Q1", "", "n/a"],
)
def test_a_period_that_is_not_a_year_is_a_fault(normalised: Any, record: Any, period: str) -> None:
    result = normalised(record(period=period))
    assert only(result)["fault"] == "period_is_a_year"
    assert only(result)["fault_reason"].startswith(f"the period {period!r} is not a year")
    assert (result.out_of_scope, result.empty_cells) == (0, 0)
    assert normalised(record(None, period=period)).empty_cells == 1


@pytest.mark.parametrize(("period", "read"), [("2017 - 2018", 1), ("2018 - 2019", 1), ("2016 - 2017", 0)])
def test_a_period_of_several_years_is_read_by_the_runs_of_those_years(
    normalised: Any, record: Any, period: str, read: int
) -> None:
    result = normalised(record(period=period))
    assert (len(result.observations), result.out_of_scope) == (read, 1 - read)


def test_a_faulty_record_is_never_out_of_scope(normalised: Any, record: Any) -> None:
    """A faulty row of a form may have any year and any place: its sender gets it back with the fault."""
    fault = Fault("year_of_the_form", "the year is not that of the form")
    result = normalised(
        record(period="1999", fault=fault), record(area="22511", period="1999", fault=fault), source="un_wup"
    )
    assert result.observations["fault"].tolist() == ["year_of_the_form"] * 2
    assert result.observations["fault_reason"].tolist() == ["the year is not that of the form"] * 2
    assert result.observations["time_period"].tolist() == ["1999", "1999"]
    assert (result.out_of_scope, result.empty_cells) == (0, 0)


def test_a_record_that_is_not_requested_may_have_any_period(normalised: Any, record: Any) -> None:
    assert normalised(record(area="22511", period="2018.0"), source="un_wup").out_of_scope == 1
    requested = normalised(record(area="22299", period="2018.0"), source="un_wup")
    assert only(requested)["fault"] == "period_is_a_year"


def test_every_record_is_an_observation_an_empty_cell_or_out_of_scope(normalised: Any, record: Any) -> None:
    records = [record(), record(None), record("bad"), record(period="1999"), record(None, period="1999")]
    result = normalised(*records)
    assert (len(result.observations), result.empty_cells, result.out_of_scope) == (2, 1, 2)


def test_zero_is_a_value_and_not_an_empty_cell(normalised: Any, record: Any) -> None:
    result = normalised(record(0), record("0", area="CHN"))
    assert result.observations["obs_value"].tolist() == [0, 0]
    assert result.empty_cells == 0


@pytest.mark.parametrize(
    ("value", "factor", "converted"),
    [
        (12409.738, "1000", 12409738.0),
        ("12409.738", "1000", 12409738.0),
        (4.35, "100", 435.0),
        (1.005, "1000", 1005.0),
        (0.1, "3", 0.3),
        ("-0.7", "0.1", -0.07),
        ("1.5e3", "1", 1500.0),
    ],
)
def test_decimals_stay_exact_under_a_factor(value: str | float, factor: str, converted: float) -> None:
    assert as_number(value, Decimal(factor)) == converted


@pytest.mark.parametrize(
    ("published", "unit", "factor"),
    [
        ("1000 person", "PS", "1000"),
        ("dimensionless", "PT", "100"),
        # A pound is 0.45359237 kg by definition.
        ("pound / person", "T_PC", "0.00045359237"),
        (None, "PT", "1"),
    ],
)
def test_units_are_converted_by_their_definitions(
    catalogue: Catalogue, record: Any, published: str | None, unit: str, factor: str
) -> None:
    series = record().series.model_copy(update={"published_unit": published, "unit": unit})
    assert units.factor(series, catalogue) == Decimal(factor)


@pytest.mark.parametrize(
    ("published", "unit"), [("kilogram", "PT"), ("smoot", "PT"), ("1 person", "INTL_USD_2021")]
)
def test_a_unit_that_cannot_be_converted_is_an_error_of_the_catalogue(
    catalogue: Catalogue, record: Any, published: str, unit: str
) -> None:
    series = record().series.model_copy(update={"published_unit": published, "unit": unit})
    with pytest.raises(CatalogueError, match="published_unit"):
        units.factor(series, catalogue)


@pytest.mark.parametrize(
    "value",
    [
        "..",
        "-",
        "n/a",
        "<5",
        "12 409",
        "12,5",
        "537.777.811.111.111",
        "0x10",
        "1_000",
        "NaN",
        "sNaN",
        "Infinity",
        "-inf",
        "1e999",
        True,
    ],
)
def test_keeps_the_published_text_of_a_value_that_is_not_a_number(
    normalised: Any, record: Any, value: Any
) -> None:
    row = only(normalised(record(value)))
    assert math.isnan(row["obs_value"])
    assert row["value_as_published"] == str(value)


@pytest.mark.parametrize(
    ("title", "unit"),
    [
        ("GDP per capita, PPP (constant 2017 international $)", "INTL_USD_2017"),
        ("GDP per capita, PPP (constant 2021 international $)", "INTL_USD_2021"),
        ("GDP per capita, PPP (constant 2011 international $)", None),
        ("GDP per capita, PPP (current international $)", None),
        ("", None),
    ],
)
def test_the_title_of_the_series_decides_the_price_base(
    normalised: Any, record: Any, catalogue: Catalogue, title: str, unit: str | None
) -> None:
    (series,) = [s for s in catalogue.sources["world_bank"].series if s.indicator == "GDP_PC_PPP"]
    found = only(normalised(record(series=series, title=title)))["unit_measure"]
    assert pd.isna(found) if unit is None else found == unit


@pytest.mark.parametrize(("last_estimated", "status"), [(2017, "F"), (2018, "E"), (None, "E")])
def test_years_after_the_last_estimated_one_are_forecasts(
    record: Any, catalogue: Catalogue, years: Any, last_estimated: int | None, status: str
) -> None:
    source = catalogue.sources["world_bank"].model_copy(update={"last_estimated_period": last_estimated})
    estimated = record(series=record().series.model_copy(update={"obs_status": "E"}))
    assert only(normalise([estimated], source, catalogue, years(2018, 2018)))["obs_status"] == status


def counts(normalised: Normalised) -> list[tuple[int, int]]:
    return list(normalised.observations[["occurrence", "distinct_values"]].itertuples(index=False, name=None))


def test_observations_of_different_keys_are_not_repeats(normalised: Any, record: Any) -> None:
    population = record().series.model_copy(update={"indicator": "POP_COUNTRY"})
    assert counts(normalised(record(), record(area="CHN"), record(series=population))) == [(1, 1)] * 3


def test_counts_repeats_from_the_first_row_on(normalised: Any, record: Any) -> None:
    assert counts(normalised(record(), record(), record())) == [(1, 1), (2, 1), (3, 1)]


def test_marks_both_rows_of_a_contradiction(normalised: Any, record: Any) -> None:
    assert counts(normalised(record(74.4), record(74.5), record(area="CHN"))) == [(1, 2), (1, 2), (1, 1)]


def test_counts_a_repeat_beside_a_contradiction_as_both(normalised: Any, record: Any) -> None:
    assert counts(normalised(record(74.4), record(74.5), record(74.4))) == [(1, 2), (1, 2), (2, 2)]


def test_the_same_number_in_another_notation_is_a_repeat(normalised: Any, record: Any) -> None:
    assert counts(normalised(record("74.4"), record("74.40"))) == [(1, 1), (2, 1)]


def test_no_records_give_an_empty_frame_with_every_column(normalised: Any) -> None:
    result = normalised()
    assert list(result.observations.columns) == COLUMNS
    assert (len(result.observations), result.empty_cells, result.out_of_scope) == (0, 0, 0)


def test_row_numbers_count_observations(normalised: Any, record: Any) -> None:
    rows = normalised(record(), record(None), record(area="CHN"), record(period="1999"), record(area="IND"))
    assert rows.observations["row_no"].tolist() == [0, 1, 2]
    assert isinstance(rows.observations, pd.DataFrame)
