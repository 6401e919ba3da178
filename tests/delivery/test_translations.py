"""The catalogues of include/locale: complete, current, and of the language's own plural forms."""

import pytest
from babel.messages.catalog import Catalog

from city_indicators.core import languages as module
from city_indicators.core.languages import DECLARED, ENGLISH, catalogue, file_of, languages, name_in, words
from city_indicators.delivery.translations import declared_names, faults, messages, text_of, update

TRANSLATED = [language for language in languages() if language != ENGLISH]


@pytest.fixture(scope="module")
def template() -> Catalog:
    """All messages of the project."""
    return messages()


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_message_is_translated_and_none_is_fuzzy(language: str, template: Catalog) -> None:
    assert faults(catalogue(language, "messages"), template) == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_the_committed_catalogue_is_what_make_messages_writes(language: str, template: Catalog) -> None:
    committed = file_of(language, "messages").read_bytes()
    assert text_of(update(language, template)) == committed


def test_a_missing_a_fuzzy_a_foreign_and_a_wrong_message_are_faults(template: Catalog) -> None:
    broken = catalogue("ru", "messages")
    broken["City"].string = ""
    broken["Country"].flags.add("fuzzy")
    broken["Their contributions sum to %(score)s."].string = "%(other)s"
    broken.add("Nobody says this", "Никто этого не говорит")
    assert sorted(fault.split(": ")[0] for fault in faults(broken, template)) == [
        *("City", "Country", "Nobody says this", "Their contributions sum to %(score)s.")
    ]


def test_plural_forms_are_those_of_the_language() -> None:
    ranked = ("%(num)s city ranked", "%(num)s cities ranked")
    shown = {
        language: [words(language).ngettext(*ranked, n) % {"num": n} for n in (1, 3, 11, 21)]
        for language in languages()
    }
    assert shown["en"] == ["1 city ranked", "3 cities ranked", "11 cities ranked", "21 cities ranked"]
    assert shown["ru"] == [
        "1 город в рейтинге",
        "3 города в рейтинге",
        "11 городов в рейтинге",
        "21 город в рейтинге",
    ]
    assert shown["zh"][0] == "1个城市参与排名"


def test_a_name_that_is_not_declared_comes_from_the_catalogue_of_names(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "names", lambda _: {"Moscow": "मॉस्को"})
    moscow = {"name_en": "Moscow", "name_ru": "Москва"}
    assert [name_in(language, moscow) for language in ("en", "ru", "hi")] == ["Moscow", "Москва", "मॉस्को"]
    assert name_in("hi", {"name_en": "Kazan"}) == "Kazan"


def test_all_declared_names_can_be_translated() -> None:
    names = declared_names()
    for name in (
        "Moscow",
        "Guangzhou",
        "Brazil",
        "BRICS",
        "Annual precipitation",
        "Winner",
        "Waste",
        "persons",
    ):
        assert names.get(name) is not None, name
    assert isinstance(names, Catalog)
    assert set(DECLARED) == {"en", "ru", "zh"}
