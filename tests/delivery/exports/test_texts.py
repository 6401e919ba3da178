"""Names for people: one of three languages, and codes in words."""

import re
from pathlib import Path

import pytest
from sqlalchemy import Column, Integer, MetaData, Table, Text

from city_indicators.catalog import load_catalogue
from city_indicators.core.languages import DECLARED, languages
from city_indicators.delivery.exports.fields import shown
from city_indicators.delivery.exports.texts import (
    codes,
    description,
    heading,
    label_of,
    meaning,
    number_formats,
)
from city_indicators.ingest.validation.corrections import DROPPED
from city_indicators.ingest.validation.rules import load_rules
from city_indicators.intake.submissions import file

NAMES = [f"{name}_{language}" for name in ("city_name", "name") for language in DECLARED]
TABLE = Table(
    "rating",
    MetaData(),
    Column("ref_area", Text, primary_key=True),
    *(Column(name, Text) for name in [*NAMES, "city_name", "spoken_en", "n_cities"]),
    Column("version", Integer, primary_key=True),
    schema="report",
    comment="As the database says.",
)


def test_of_names_in_three_languages_the_reader_sees_one() -> None:
    assert [field.name for field in shown(TABLE, "ru")] == [
        *("ref_area", "city_name_ru", "name_ru", "city_name", "spoken_en", "n_cities", "version")
    ]


@pytest.mark.parametrize(("language", "label"), [("en", "no target"), ("ru", "цели нет"), ("zh", "无目标")])
def test_an_observed_code_has_a_label(language: str, label: str) -> None:
    assert label_of("CLIMATE_TARGET", 0.0, language) == label
    assert label_of("CLIMATE_TARGET", None, language) is None
    assert label_of("T_MEAN_YEAR", 0.0, language) is None


@pytest.mark.parametrize(("language", "city"), [("en", "City"), ("ru", "Город"), ("zh", "城市")])
def test_a_heading_is_in_the_language_and_else_the_name(language: str, city: str) -> None:
    assert heading("city_name_zh", language) == city
    assert heading("city_name", language) == city
    assert heading("nobody_named_this", language) == "nobody_named_this"


def test_a_description_is_in_the_language_then_in_english_then_the_databases_own() -> None:
    assert description(TABLE, "ru").grain == "рейтинг × год × город"
    assert description(TABLE, "en").grain == "rating × year × city"
    unknown = TABLE.to_metadata(MetaData(), name="nobody_described_this")
    assert description(unknown, "zh").holds == "As the database says."
    assert description(unknown, "zh").grain == "ref_area, version"


def test_codes_have_a_meaning_in_words() -> None:
    assert meaning("obs_status", "E", "ru") == "оценка"
    assert meaning("reason_code", "pillar_incomplete:air", "en") == "too few values in: air"
    assert meaning("state", "refused", "zh") == "未获通过"
    assert meaning("reason_code", "nobody_knows", "en") is None
    assert meaning("ref_area", "moscow", "en") is None


def test_every_rule_has_a_name() -> None:
    rules = load_rules()
    declared = {rule.id for rule in (*rules.row_rules, *rules.indicator_rules, *rules.gate_rules)}
    connector = Path(file.__file__).parent
    named = {
        rule
        for module in connector.glob("*.py")
        for rule in re.findall(r'Fault\(\s*"(\w+)"', module.read_text())
    }
    assert len(named) > 10
    assert codes()["rule"].keys() == declared | named | {DROPPED}


def test_every_pillar_of_the_catalogue_has_a_name() -> None:
    pillars = {indicator.pillar for indicator in load_catalogue().indicators.values()}
    assert pillars == codes()["pillar"].keys()


def test_a_cell_has_the_number_format_of_its_column() -> None:
    assert number_formats()["score"] == "0.0"
    assert "ref_area" not in number_formats()


def test_the_observations_are_described_in_three_languages() -> None:
    observations = Table("observation", MetaData(), schema="core")
    described = {description(observations, language) for language in languages()}
    assert len(described) == len(languages())
