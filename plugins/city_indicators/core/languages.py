"""The languages of the readers and the words of each: gettext catalogues under include/locale/<language>."""

from collections.abc import Mapping
from functools import cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import yaml
from pydantic import AfterValidator

from city_indicators.core.errors import CatalogueError
from city_indicators.core.paths import LOCALE

if TYPE_CHECKING:
    from babel.messages.catalog import Catalog

ENGLISH: Final = "en"
"""The language in which messages are written."""
DECLARED: Final = {"en": "English", "ru": "Russian", "zh": "Chinese"}
"""The languages in which declarations give names, in English; names.po gives names in any other language."""
FILE: Final = LOCALE / "languages.yaml"


@cache
def languages() -> dict[str, str]:
    """The languages by code, each with its own name, as languages.yaml lists them.

    Raises:
        CatalogueError: the file is not a mapping of codes to names.
    """
    listed = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    if not isinstance(listed, dict) or not all(
        isinstance(text, str) for pair in listed.items() for text in pair
    ):
        raise CatalogueError(FILE, "(file)", "is not a mapping of language codes to names")
    return listed


def known(language: str) -> str:
    """The code itself.

    Raises:
        ValueError: languages.yaml does not list it.
    """
    if language not in languages():
        raise ValueError(f"is none of {', '.join(languages())}")
    return language


Language = Annotated[str, AfterValidator(known)]
"""The code of a language that languages.yaml lists, such as `ru`."""


def message(text: str) -> str:
    """The text itself, marked for the catalogues where it is translated only later."""
    return text


@cache
def words(language: str) -> NullTranslations:
    """The messages of the pages and exports in a language; one without a translation stays English.

    Raises:
        CatalogueError: languages.yaml lists the language, but there is no catalogue.
    """
    if language == ENGLISH:
        return NullTranslations()
    # Only processes that show another language than English need Babel.
    from babel.messages.mofile import write_mo

    compiled = BytesIO()
    write_mo(compiled, catalogue(language, "messages"))
    compiled.seek(0)
    return GNUTranslations(compiled)


def in_all_languages(text: str, **values: Any) -> str:
    """A message in every language, each on a line of its own."""
    return "\n".join(words(language).gettext(text) % values for language in languages())


@cache
def names(language: str) -> dict[str, str]:
    """The declared names in a language that declarations do not give, by their English text.

    Raises:
        CatalogueError: languages.yaml lists the language, but there is no catalogue of names.
    """
    if language in DECLARED:
        return {}
    translated = (each for each in catalogue(language, "names") if each.id and each.string and not each.fuzzy)
    return {str(each.id): str(each.string) for each in translated}


def name_in(language: str, named: Mapping[Any, Any], prefix: str = "name_") -> str:
    """The name in a language of what has its names as `<prefix>en` and so on."""
    english = named[prefix + ENGLISH]
    return str(named.get(prefix + language) or names(language).get(english, english))


def catalogue(language: str, domain: str) -> "Catalog":
    """A gettext catalogue as Babel reads it.

    Raises:
        CatalogueError: there is no such file.
    """
    from babel.messages.pofile import read_po

    file = file_of(language, domain)
    try:
        with file.open("rb") as stream:
            return read_po(stream, locale=language, domain=domain)
    except FileNotFoundError as error:
        raise CatalogueError(
            file, "(file)", "is absent. Next step: run `make messages` and translate it"
        ) from error


def file_of(language: str, domain: str) -> Path:
    """The file of a catalogue."""
    return LOCALE / language / "LC_MESSAGES" / f"{domain}.po"
