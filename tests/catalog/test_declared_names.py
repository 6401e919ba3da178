"""Everything that reports name has a name in each of the three languages, in its script."""

import re
from collections.abc import Iterator
from typing import Any, get_args

import pytest

from city_indicators.analytics.ratings.read import load_methods
from city_indicators.analytics.trends.declared import load_declared
from city_indicators.analytics.trends.megatrends import load_megatrends
from city_indicators.catalog import load_catalogue
from city_indicators.catalog.entry import ObsStatus
from city_indicators.catalog.load import translated
from city_indicators.core.languages import DECLARED, languages
from city_indicators.delivery.exports.texts import codes, meaning

CATALOGUE = load_catalogue()
TRENDS = load_declared(CATALOGUE)
MEGATRENDS = load_megatrends(CATALOGUE)
SCRIPTS = {"en": r"[A-Za-z]", "ru": r"[А-Яа-яЁё]", "zh": r"[\u4e00-\u9fff]"}


def declared() -> Iterator[tuple[str, Any]]:
    """Everything in the catalogue that has names, by kind and id."""
    for ref_area, city in (*CATALOGUE.cities.items(), *CATALOGUE.countries.items()):
        yield ref_area, {language: getattr(city, f"name_{language}") for language in DECLARED}
    for kind, entries in (
        ("indicator", CATALOGUE.indicators.values()),
        ("group", CATALOGUE.groups.values()),
        ("basis", CATALOGUE.geo_bases.values()),
        ("window", TRENDS.windows),
        ("group of trends", TRENDS.groups),
        ("megatrend", MEGATRENDS.trends),
        ("direction", MEGATRENDS.directions),
    ):
        for entry in entries:
            yield f"{kind} {entry.id}", translated(entry.name)
    for method in load_methods(CATALOGUE).values():
        yield f"rating {method.id}", translated(method.name)
        for pillar in list(method.root.below())[:-1]:
            yield f"pillar {method.id} {pillar.id}", translated(pillar.name)
    for column in ("pillar", "obs_status", "trend", "verdict", "status", "flag", "trend_reason"):
        for code in codes()[column]:
            yield f"{column} {code}", {language: meaning(column, code, language) for language in DECLARED}


NAMED = dict(declared())


@pytest.mark.parametrize("named", NAMED)
def test_a_name_is_in_every_language(named: str) -> None:
    names = {key.removeprefix("name_"): name for key, name in NAMED[named].items()}
    assert set(names) >= set(DECLARED)
    for language, script in SCRIPTS.items():
        assert re.search(script, names[language]), (language, names[language])


@pytest.mark.parametrize("language", languages())
def test_flags_and_reasons_have_a_text_in_every_language(language: Any) -> None:
    # I is the flag of values that a rating imputes.
    for status in (*get_args(ObsStatus), "I"):
        assert meaning("obs_status", status, language)
    for reason in ("no_data", "too_few_indicators", "pillar_incomplete:air", "undefined:air"):
        assert meaning("reason_code", reason, language)
