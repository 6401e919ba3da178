"""SDMX-CSV read by the layout of a table: messages in the formats of OECD, ECB and Eurostat.

The columns are those that the three services send; dataflows and values are made up.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

from city_indicators.catalog import Catalogue, Source
from city_indicators.catalog.source import Layout, Series
from city_indicators.core.errors import SourceContractError
from city_indicators.core.intervals import EVERY_YEAR
from city_indicators.ingest.normalise import KEY, normalise
from city_indicators.ingest.validation.rules import load_rules
from city_indicators.ingest.validation.validate import ValidationResult, validate_observations
from city_indicators.sources import table

# SDMX-CSV 1.0 as sdmx.oecd.org sends it: DATAFLOW first, codes only.
VERSION_1 = """\
DATAFLOW,REF_AREA,FREQ,MEASURE,UNIT_MEASURE,TIME_PERIOD,OBS_VALUE,OBS_STATUS,UNIT_MULT,DECIMALS
OECD.ENV:DSD_AIR@DF_EXP(1.1),DEU,A,PM25,UG_M3,2018,12.1,A,0,1
OECD.ENV:DSD_AIR@DF_EXP(1.1),DEU,A,PM25,UG_M3,2019,11.4,,0,1
OECD.ENV:DSD_AIR@DF_EXP(1.1),FRA,A,PM25,UG_M3,2019,11.9,E,0,1
OECD.ENV:DSD_AIR@DF_EXP(1.1),FRA,A,PM10,UG_M3,2019,19.8,A,0,1
OECD.ENV:DSD_AIR@DF_EXP(1.1),ESP,M,PM25,UG_M3,2019-01,9.0,A,0,1
OECD.ENV:DSD_AIR@DF_EXP(1.1),ESP,A,PM25,UG_M3,2019,NaN,M,0,1
OECD.ENV:DSD_AIR@DF_EXP(1.1),ESP,A,PM25,UG_M3,2018,,O,0,1
OECD.ENV:DSD_AIR@DF_EXP(1.1),GBR,A,PM25,UG_M3,2019,10.5,I,0,1
"""
# SDMX-CSV 2.0 with labels as the same service sends it: STRUCTURE first, words in a column after each code.
VERSION_2 = """\
STRUCTURE,STRUCTURE_ID,ACTION,REF_AREA,Reference area,FREQ,Frequency of observation,MEASURE,Measure,\
UNIT_MEASURE,Unit of measure,TIME_PERIOD,Time period,OBS_VALUE,Observation value,OBS_STATUS,Observation status
DATAFLOW,OECD.ENV:DF_EXP(1.1),I,DEU,Germany,A,Annual,PM25,PM2.5,UG_M3,"g, m3",2019,2019,11.4,,P,Provisional
DATAFLOW,OECD.ENV:DF_EXP(1.1),D,FRA,France,A,Annual,PM25,PM2.5,UG_M3,"g, m3",2019,2019,11.9,,A,Normal value
"""
# Eurostat names dimensions in lower case, areas `geo`, and writes its own flags instead of OBS_STATUS.
EUROSTAT = """\
DATAFLOW,LAST UPDATE,freq,unit,airpol,geo,TIME_PERIOD,OBS_VALUE,OBS_FLAG,CONF_STATUS
ESTAT:SDG_11_51(1.0),11/06/26 23:00:00,A,UG_M3,PM2_5,DE,2019,11.4,p,
ESTAT:SDG_11_51(1.0),11/06/26 23:00:00,A,UG_M3,PM2_5,FR,2019,11.9,,
ESTAT:SDG_11_51(1.0),11/06/26 23:00:00,A,UG_M3,PM2_5,ES,2019,9.3,bd,
"""
# The ECB puts the key of the series first.
ECB = """\
KEY,FREQ,REF_AREA,MEASURE,TIME_PERIOD,OBS_VALUE,OBS_STATUS,OBS_CONF
AIR.A.DEU.PM25,A,DEU,PM25,2019,11.4,A,F
AIR.A.FRA.PM25,A,FRA,PM25,2019,,L,F
"""

LAYOUT = {
    "kind": "csv",
    "place": "REF_AREA",
    "period": "TIME_PERIOD",
    "obs_status": "OBS_STATUS",
    "empty": ["NaN"],
    "where": {"FREQ": ["A"], "MEASURE": ["PM25"]},
}
GEO = {
    "place": "geo",
    "obs_status": "OBS_FLAG",
    "statuses": {"p": "P", "e": "E", "b": "B"},
    "where": {"freq": ["A"]},
}
COUNTRIES = {code: code for code in ("DEU", "FRA", "ESP", "GBR")}


@pytest.fixture
def source(catalogue: Catalogue) -> Callable[..., Source]:
    def make(
        series: dict[str, Any] | None = None, areas: dict[str, str] | None = None, **layout: Any
    ) -> Source:
        one = {
            "code": "PM25",
            "indicator": "PM25_EXPOSURE",
            "geo_basis": "country",
            "unit": "UG_M3",
            "column": "OBS_VALUE",
            **(series or {}),
        }
        changes = {
            "layout": Layout.model_validate({**LAYOUT, **layout}),
            "series": [Series.model_validate(one)],
            "areas": areas or COUNTRIES,
        }
        return catalogue.sources["world_bank"].model_copy(update=changes)

    return make


@pytest.fixture
def validated(
    source: Any, snapshot_of: Any, catalogue: Catalogue
) -> Callable[..., tuple[ValidationResult, int]]:
    """The result of the row rules for a message, and the number of empty cells."""

    def validation_message(text: str, **changes: Any) -> tuple[ValidationResult, int]:
        stated = source(**changes)
        normalised = normalise(
            table.read(stated, iter([snapshot_of(text.encode())]), EVERY_YEAR), stated, catalogue, EVERY_YEAR
        )
        indicators = [stated.series[0].indicator]
        held = pd.DataFrame(columns=KEY)
        verdict = validate_observations(
            stated.id, normalised.observations, held, load_rules(), catalogue, indicators
        )
        rejected = normalised.with_raw_rows(verdict.rejected)
        return replace(verdict, rejected=rejected), normalised.empty_cells

    return validation_message


def accepted(verdict: ValidationResult) -> list[tuple[str, str, float, str]]:
    rows = verdict.accepted[["ref_area", "time_period", "obs_value", "obs_status"]]
    return [tuple(row) for row in rows.itertuples(index=False)]


def test_version_1_gives_annual_values_of_one_measure_with_their_status(validated: Any) -> None:
    verdict, empty = validated(VERSION_1)
    assert accepted(verdict) == [
        ("DEU", "2018", 12.1, "A"),
        # The status is empty: it is that of the series.
        ("DEU", "2019", 11.4, "A"),
        ("FRA", "2019", 11.9, "E"),
    ]
    # A missing value is written as NaN or as an empty cell, with any status.
    assert empty == 2


def test_a_status_that_we_do_not_admit_is_rejected_with_its_reason(validated: Any) -> None:
    verdict, _ = validated(VERSION_1)
    (row,) = verdict.rejected.to_dict("records")
    assert row["rule"] == "allowed_status"
    assert row["reason"] == "the status 'I' is not one of the allowed codes of SDMX CL_OBS_STATUS"
    assert row["raw_row"].startswith('{"DATAFLOW": "OECD.ENV:DSD_AIR@DF_EXP(1.1)", "REF_AREA": "GBR"')


def test_a_layout_may_translate_another_status(validated: Any) -> None:
    verdict, _ = validated(VERSION_1, statuses={"I": "E"})
    assert accepted(verdict)[-1] == ("GBR", "2019", 10.5, "E")
    assert verdict.rejected.empty


def test_an_empty_status_is_that_of_the_series(validated: Any) -> None:
    verdict, _ = validated(VERSION_1, series={"obs_status": "E"})
    assert [(row[1], row[3]) for row in accepted(verdict)] == [("2018", "A"), ("2019", "E"), ("2019", "E")]


def test_version_2_with_labels_is_read_by_its_codes(validated: Any) -> None:
    where = {**LAYOUT["where"], "ACTION": ["I", "A", "R", "M"]}
    assert accepted(validated(VERSION_2, where=where)[0]) == [("DEU", "2019", 11.4, "P")]


def test_the_columns_of_version_2_are_not_confused_with_those_of_words(validated: Any) -> None:
    verdict, _ = validated(VERSION_2)
    assert [row[0] for row in accepted(verdict)] == ["DEU", "FRA"]
    assert verdict.accepted["pointer"].tolist() == ["line 2/OBS_VALUE", "line 3/OBS_VALUE"]


def test_flags_of_eurostat_are_translated_and_two_at_once_rejected(validated: Any) -> None:
    areas = {"DE": "DEU", "FR": "FRA", "ES": "ESP"}
    verdict, _ = validated(EUROSTAT, areas=areas, **GEO)
    assert accepted(verdict) == [("DEU", "2019", 11.4, "P"), ("FRA", "2019", 11.9, "A")]
    assert verdict.rejected["reason"].tolist() == [
        "the status 'bd' is not one of the allowed codes of SDMX CL_OBS_STATUS"
    ]


def test_a_key_before_the_dimensions_changes_nothing(validated: Any) -> None:
    verdict, empty = validated(ECB)
    assert accepted(verdict) == [("DEU", "2019", 11.4, "A")]
    assert empty == 1


@pytest.mark.parametrize("missing", ["REF_AREA", "TIME_PERIOD", "OBS_VALUE", "OBS_STATUS", "MEASURE"])
def test_a_missing_component_is_named(validated: Any, missing: str) -> None:
    with pytest.raises(SourceContractError, match=f"a column is declared as '{missing}'"):
        validated(VERSION_1.replace(missing, "RENAMED"))


def test_without_a_column_of_statuses_all_have_that_of_the_series(validated: Any) -> None:
    verdict, _ = validated(VERSION_1, obs_status=None)
    assert {row[3] for row in accepted(verdict)} == {"A"}
    assert len(accepted(verdict)) == 4


def test_a_sum_of_observed_and_estimated_parts_is_estimated(validated: Any) -> None:
    text = VERSION_1.replace("PM10", "PM25")
    verdict, _ = validated(text, series={"combine": "sum"})
    (france,) = (row for row in accepted(verdict) if row[0] == "FRA")
    assert france == ("FRA", "2019", pytest.approx(31.7), "E")


def test_a_layout_translates_to_admitted_statuses_only() -> None:
    with pytest.raises(ValueError, match="statuses"):
        Layout.model_validate({**LAYOUT, "statuses": {"I": "I"}})
