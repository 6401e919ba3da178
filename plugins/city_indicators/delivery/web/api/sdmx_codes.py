"""The codes of the components of observations, with their names in every language."""

from collections.abc import Mapping
from typing import Final

from sqlalchemy import Connection

from city_indicators.core.languages import ENGLISH, languages, name_in, words
from city_indicators.delivery.exports.facts import CODE_LISTS
from city_indicators.delivery.exports.sdmx import CODED, COMMENT, SERIES
from city_indicators.delivery.exports.texts import codes, heading, meaning
from city_indicators.warehouse.database import rows

Names = Mapping[str, str]
"""Names by language."""
ENUMERATED: Final = (*SERIES, *CODED)
"""The components with a code list."""
OWN_LABEL: Final = {COMMENT: "correction"}
"""The columns of which components without a column of their name have the label."""


def code_lists(connection: Connection) -> dict[str, dict[str, Names]]:
    """The codes of each component of ENUMERATED and their names, from the catalogue."""
    catalogue: dict[str, dict[str, Names]] = {}
    for row in rows(connection, "export/code_names"):
        named = {language: name_in(language, row) for language in languages()}
        catalogue.setdefault(row["list"], {})[row["code"]] = named
    sources = rows(connection, "export/sources", sources=None)
    found: dict[str, dict[str, Names]] = {
        "source": {row["source"]: {ENGLISH: row["name"]} for row in sources}
    }
    for column in ENUMERATED:
        if column in CODE_LISTS:
            found[column] = catalogue.get(CODE_LISTS[column], {})
        elif column in codes():
            found[column] = _labelled(column)
    return found


def component_names(component: str) -> Names:
    """The label of a component."""
    return {language: heading(OWN_LABEL.get(component, component), language) for language in languages()}


def translated(text: str) -> Names:
    """A message in every language."""
    return {language: words(language).gettext(text) for language in languages()}


def named(names: Names) -> dict[str, object]:
    """The name of an artefact as SDMX-JSON has it."""
    return {"name": names[ENGLISH], "names": dict(names)}


def _labelled(column: str) -> dict[str, Names]:
    return {
        code: {language: meaning(column, code, language) or code for language in languages()}
        for code in codes()[column]
    }
