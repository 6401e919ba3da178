"""A mistake in include/catalog fails at load, and the error names file, key and fault."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from city_indicators.catalog import load_catalogue, load_sources
from city_indicators.core.errors import CatalogueError
from city_indicators.ingest.backfill.plan import intervals
from city_indicators.intake.best_practices.vocabulary import load_code_lists

OWID = "sources/owid_grapher.yaml"
WORLD_BANK = "sources/world_bank.yaml"
METRO, CENTRES = "sources/metro_systems.yaml", "sources/ghs_ucdb.yaml"
WUP = "sources/un_wup.yaml"

MISTAKES = {
    "unknown key of an indicator": (
        ("indicators/energy_sources.yaml", "  direction: higher\n", "  direction: higher\n  colour: green\n"),
        ("ELEC_LOWCARBON_SHARE.colour", "Extra inputs"),
    ),
    "unknown key of a source": (
        (OWID, "trailing_years: 2\n", "trailing_years: 2\ntrailing_days: 2\n"),
        ("source.trailing_days", "Extra inputs"),
    ),
    "no `expected` for a source with requests": (
        (WUP, "expected: {lag_days: 31}\n", ""),
        ("expected", "is required for every source that we request data from"),
    ),
    "two kinds of `expected` for one indicator": (
        (OWID, "CO2_PC: {lag_days: 365}", "CO2_PC: {lag_days: 365, last_period: 2023}"),
        ("source.expected.indicators.CO2_PC", "either `lag_days` or `last_period`"),
    ),
    "`expected` for an indicator that the source does not give": (
        (OWID, "CO2_PC: {lag_days", "CO2_PP: {lag_days"),
        ("expected.indicators.CO2_PP", "is no indicator of the source"),
    ),
    "changes are expected that cannot be detected": (
        ("sources/nasa_power.yaml", "{lag_days: 92}", "{lag_days: 92, changed_within_days: 100}"),
        ("expected.changed_within_days", "a change cannot be detected"),
    ),
    "two sources of one indicator with the same precedence": (
        (WORLD_BANK, "trailing_years: ", "precedence: 50\ntrailing_years: "),
        ("precedence", "is that of owid_grapher, and both give"),
    ),
    "a geographic basis is absent": (
        (
            "geo_bases.yaml",
            "- id: region\n  city_level: false\n  name: {en: region, ru: регион, zh: 区域}\n",
            "",
        ),
        ("id", "['region'] are absent"),
    ),
    "total of an unknown part": (
        ("indicators/emissions.yaml", "GHG_SCOPE1, ", "GHG_SCOPE_1, "),
        ("GHG_TOTAL.at_least", "'GHG_SCOPE_1' is no indicator measured in TCO2E"),
    ),
    "missing key": (
        ("indicators/energy_sources.yaml", "  freq: A\n", ""),
        ("ELEC_LOWCARBON_SHARE.freq", "Field required"),
    ),
    "unknown country of a city": (
        ("cities.csv", "莫斯科,RUS", "莫斯科,RUZ"),
        ("moscow.country", "'RUZ' is not in countries.csv"),
    ),
    "unknown country of a group": (
        ("groups.yaml", "country: ZAF", "country: ZZZ"),
        ("BRICS.members", "'ZZZ' is not in countries.csv"),
    ),
    "unknown indicator of a series": (
        (OWID, "indicator: CO2_PC", "indicator: CO2_PP"),
        ("series[3].indicator", "'CO2_PP' is not in include/catalog/indicators"),
    ),
    "unknown unit of an indicator": (
        ("indicators/energy_consumption.yaml", "unit: T_PC", "unit: T_PP"),
        ("CO2_PC.unit", "'T_PP' is not in units.yaml"),
    ),
    "unknown further unit of an indicator": (
        ("indicators/economy.yaml", "also_units: [INTL_USD_2017]", "also_units: [INTL_USD_2011]"),
        ("GDP_PC_PPP.unit", "'INTL_USD_2011' is not in units.yaml"),
    ),
    "unit that the indicator is not measured in": (
        (OWID, "unit: T_PC", "unit: PT"),
        ("series[3].unit", "CO2_PC is not measured in ['PT']"),
    ),
    "unit of a title that the indicator is not measured in": (
        (WORLD_BANK, "international $: INTL_USD_2017", "international $: PT"),
        ("series[0].unit", "GDP_PC_PPP is not measured in ['PT']"),
    ),
    "no unit": (
        (OWID, "    unit: T_PC\n", ""),
        ("source.series.3", "give either `unit` or `unit_by_title`"),
    ),
    "two sorts of unit": (
        (WORLD_BANK, "    unit_by_title:\n", "    unit: INTL_USD_2021\n    unit_by_title:\n"),
        ("source.series.0", "give either `unit` or `unit_by_title`"),
    ),
    "basis that the indicator does not allow": (
        (WUP, "geo_basis: agglomeration", "geo_basis: city"),
        ("series[0].geo_basis", "POP_AGGLO does not allow the basis 'city'"),
    ),
    "basis that does not exist": (
        (WUP, "geo_basis: agglomeration", "geo_basis: village"),
        ("source.series.0.geo_basis", "Input should be"),
    ),
    "structural zero of a place that is no city": (
        (METRO, "absent:\n      places: [abu-dhabi,", "absent:\n      places: [ARE,"),
        ("series[0].absent.places", "'ARE' is no city"),
    ),
    "statistic that its format ignores": (
        (METRO, "    combine: sum\n", "    combine: sum\n    statistic: t_mean\n"),
        ("source", "series.0.statistic: would be ignored by the format table"),
    ),
    "joining of rows that its format ignores": (
        (WUP, "geo_basis: agglomeration\n", "geo_basis: agglomeration\n    combine: sum\n"),
        ("source", "series.0.combine: would be ignored by the format wup_workbook"),
    ),
    "notation of dates without their column": (
        (METRO, "  period: 2023\n", "  period: 2023\n  period_format: '%Y'\n"),
        ("source.layout", "`period_format` needs the column of the dates"),
    ),
    "structural zero without a year": (
        (METRO, "  period: 2023\n", "  period: country\n"),
        ("series[0].absent", "needs a table of one year"),
    ),
    "years without their place in the title": (
        (CENTRES, "column: HL_SHP_HOS_{year}", "column: HL_SHP_HOS_2025"),
        ("source.series.3", "give `years` for a `column` with {year}"),
    ),
    "people of a city without a place": (
        (CENTRES, '"2576": moscow', '"2576": kazan'),
        ("people", "'moscow' must be among the places and here"),
    ),
    "range reversed": (("indicators/air.yaml", "[0.5, 250]", "[250, 0.5]"), ("PM25_EXPOSURE", "must rise")),
    "range of one point": (
        ("indicators/air.yaml", "[0.5, 250]", "[250, 250]"),
        ("PM25_EXPOSURE", "must rise"),
    ),
    "city twice": (("cities.csv", "\nkazan,", "\nmoscow,"), ("moscow", "more than once")),
    "country twice": (("countries.csv", "\nARG,", "\nARE,"), ("ARE", "more than once")),
    "indicator twice": (
        ("indicators/population.yaml", "id: URB_SHARE", "id: POP_AGGLO"),
        ("POP_AGGLO", "appears more than once"),
    ),
    "unit twice": (("units.yaml", "id: UG_M3", "id: T_PC"), ("T_PC", "appears more than once")),
    "source named unlike its file": (
        (WUP, "id: un_wup", "id: un_wpu"),
        ("id", "is 'un_wpu', but the file is named 'un_wup'"),
    ),
    "area of an unknown place": (
        (WUP, '"22299": moscow', '"22299": moskva'),
        ("areas.22299", "'moskva' is neither a city nor a country"),
    ),
    "part that is not in the total": (
        (OWID, "of: [*oil, *coal]", "of: [*oil, Electricity from peat]"),
        ("source.series.1.share", "Electricity from peat"),
    ),
    "address without encryption": (
        (OWID, "https://ourworldindata.org", "http://ourworldindata.org"),
        ("source.base_url", "should match pattern"),
    ),
    "trailing years below none": (
        (OWID, "trailing_years: 2", "trailing_years: -1"),
        ("source.trailing_years", "greater than or equal to 0"),
    ),
    "schedule with intervals without a year": (
        (OWID, '"0 0 1 1 *"', '"0 0 1 * *"'),
        ("source.schedule", "in the interval from 2000-02-01 to 2000-03-01 no year begins"),
    ),
    "schedule with some intervals without a year": (
        # Between the first Monday of January 2023 and that of 2024, which is the first of the month.
        (OWID, '"0 0 1 1 *"', '"0 0 * 1 mon#1"'),
        ("source.schedule", "at most one tick a year, for example '0 0 1 1 *'"),
    ),
    "schedule that is no cron expression": (
        (OWID, '"0 0 1 1 *"', "yearly"),
        ("source.schedule", "'yearly' is no schedule"),
    ),
    "schedule without a tick": (
        (OWID, '"0 0 1 1 *"', '"0 0 30 2 *"'),
        ("source.schedule", "'0 0 30 2 *' is no schedule"),
    ),
    "schedule of an inbox for a source with requests": (
        (OWID, '"0 0 1 1 *"', '"@continuous"'),
        ("source.schedule", "'@continuous' is no schedule"),
    ),
    "other schedule for a source of submissions": (
        ("sources/city_submission.yaml", '"@continuous"', '"0 0 1 1 *"'),
        ("source.schedule", "'@continuous'"),
    ),
    "no parallel request allowed": (
        (OWID, "max_parallel_requests: 2", "max_parallel_requests: 0"),
        ("source.max_parallel_requests", "greater than or equal to 1"),
    ),
    "latitude beyond the pole": (("cities.csv", "55.75204", "155.75204"), ("moscow.latitude", "equal to 90")),
    "latitude that is no number": (("cities.csv", "55.75204", "N55.7"), ("moscow.latitude", "valid number")),
    "identifier of another kind": (("cities.csv", "Q649", "649"), ("moscow.wikidata_id", "match pattern")),
    "city without a Chinese name": (("cities.csv", "莫斯科", ""), ("moscow.name_zh", "at least 1 character")),
    "indicator without a Chinese name": (
        ("indicators/energy_consumption.yaml", "人均二氧化碳排放量", '""'),
        ("CO2_PC.name.zh", "at least 1 character"),
    ),
    "country without a Russian name": (
        ("countries.csv", "Бразилия", ""),
        ("BRA.name_ru", "at least 1 character"),
    ),
    "short line in a table": (("cities.csv", ",Europe/Moscow,Dfb", ""), ("moscow.timezone", "valid string")),
    "long line in a table": (
        ("cities.csv", "Europe/Moscow,Dfb", "Europe/Moscow,Dfb,spare"),
        ("moscow", "Keys should be strings"),
    ),
    "area code mapped twice": (
        (WUP, '"22365": saint-petersburg', '"22299": saint-petersburg'),
        ("", "22299"),
    ),
}


@pytest.mark.parametrize(("mistake", "expected"), MISTAKES.values(), ids=MISTAKES.keys())
def test_error_names_file_key_and_fault(
    break_file: Callable[..., Path], copied: Path, mistake: tuple[str, str, str], expected: tuple[str, str]
) -> None:
    file = break_file(*mistake)
    key, fault = expected
    with pytest.raises(CatalogueError) as caught:
        load_catalogue(copied)
    assert str(caught.value).startswith(f"{file}: {key}")
    assert fault in str(caught.value)


def test_an_unchanged_copy_loads(copied: Path) -> None:
    assert load_catalogue(copied) == load_catalogue()


@pytest.mark.parametrize("schedule", ["@yearly", "0 6 1 7 *", "0 0 29 2 *", "0 0 * 7 mon#1"])
def test_a_schedule_with_a_year_in_each_interval_loads(
    break_file: Callable[..., Path], copied: Path, schedule: str
) -> None:
    break_file(OWID, '"0 0 1 1 *"', f'"{schedule}"')
    source = load_catalogue(copied).sources["owid_grapher"]
    found = intervals(source, date(2000, 1, 1), None, datetime(2040, 1, 1, tzinfo=UTC))
    assert all(interval.years for interval in found)


@pytest.mark.parametrize("name", ["countries.csv", "cities.csv", "groups.yaml", "units.yaml"])
def test_absent_file_is_named(copied: Path, name: str) -> None:
    (copied / name).unlink()
    with pytest.raises(CatalogueError, match=f"{name}.*is absent"):
        load_catalogue(copied)


@pytest.mark.parametrize("name", ["groups.yaml", "units.yaml", "indicators/air.yaml", OWID])
def test_broken_yaml_is_named(copied: Path, name: str) -> None:
    (copied / name).write_text("- id: [PS\n- {", encoding="utf-8")
    with pytest.raises(CatalogueError, match=f"{name}.*is not YAML"):
        load_catalogue(copied)


@pytest.mark.parametrize("name", ["groups.yaml", "units.yaml", "indicators/air.yaml", OWID])
@pytest.mark.parametrize("content", ["", "just a sentence\n", "42\n"])
def test_yaml_of_another_shape_is_named(copied: Path, name: str, content: str) -> None:
    (copied / name).write_text(content, encoding="utf-8")
    with pytest.raises(CatalogueError, match=name):
        load_catalogue(copied)


@pytest.mark.parametrize("name", ["cities.csv", "units.yaml"])
def test_file_in_another_encoding_is_named(copied: Path, name: str) -> None:
    file = copied / name
    file.write_bytes(file.read_text(encoding="utf-8").encode("gb18030"))
    with pytest.raises(CatalogueError, match=name):
        load_catalogue(copied)


TABLES = ["cities.csv", "countries.csv", "country_names.csv", "other_countries.csv"]


@pytest.mark.parametrize("name", TABLES)
@pytest.mark.parametrize(
    ("content", "fault"),
    [
        ("name;country\nМосква;RUS\n", ""),
        ('"' + "x" * 200_000, "is not CSV"),
    ],
    ids=["another separator", "a quote left open"],
)
def test_a_table_of_another_shape_is_named(copied: Path, name: str, content: str, fault: str) -> None:
    (copied / name).write_text(content, encoding="utf-8")
    with pytest.raises(CatalogueError, match=rf"{name}: .*{fault}"):
        load_code_lists(copied)


def test_load_sources_fails_too(break_file: Callable[..., Path], copied: Path) -> None:
    file = break_file(WUP, "id: un_wup", "id: un_wpu")
    with pytest.raises(CatalogueError, match=f"{file.name}: id: "):
        load_sources(copied)
