"""Titles of best practices, in the language of the reader or else in the one that there is."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from city_indicators.core.languages import languages


class Written(NamedTuple):
    """A text and the code of its language."""

    text: str
    language: str


def written(row: Mapping[str, Any], prefix: str, language: str) -> Written | None:
    """The text of `<prefix><language>`, or the first one in another language; None without any."""
    for code in (language, *languages()):
        if text := row.get(prefix + code):
            return Written(str(text), code)
    return None


def titled(cases: list[dict[str, Any]], language: str) -> list[dict[str, Any]]:
    """Cases with their `title`; one without a title has the names of its stage and cycle, or its id."""
    return [{**case, "title": title(case, language)} for case in cases]


def title(case: Mapping[str, Any], language: str) -> Written:
    """The title of a case, or what the award calls it, or its id."""
    if found := written(case, "name_", language):
        return found
    terms = [written(case, f"{term}_name_", language) for term in ("stage", "cycle")]
    named = [term for term in terms if term]
    if named:
        return Written(", ".join(term.text for term in named), named[0].language)
    return Written(str(case["case_id"]), "")
