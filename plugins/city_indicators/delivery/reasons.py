"""Reasons of rejected rows in the languages of the pages.

A reason is stored as an English sentence, which its rule fills in with values of the row. The values are read
from the sentence again, and the rule's message is filled in with them.
"""

import re
from functools import cache
from string import Formatter

from city_indicators.core.languages import ENGLISH, words
from city_indicators.ingest.validation.rules import load_rules


def message_of(template: str) -> str:
    """The message of a rule's reason: its fields without formats."""
    parts = (
        literal + (f"{{{field}}}" if field else "") for literal, field, *_ in Formatter().parse(template)
    )
    # Before a letter, gettext takes the sign for a placeholder.
    return "".join(parts).replace(" % ", " per cent ")


@cache
def templates() -> dict[str, str]:
    """The reasons of the row rules that are more than one field, by rule."""
    rules = load_rules().row_rules
    return {rule.id: rule.reason for rule in rules if not re.fullmatch(r"\{\w+\}", rule.reason)}


def reason_in(language: str, rule: str, reason: str) -> str:
    """A stored reason in a language; as stored if its rule writes no such sentence today."""
    template = templates().get(rule)
    found = _pattern(template).fullmatch(reason) if template else None
    if language == ENGLISH or template is None or found is None:
        return reason
    return words(language).gettext(message_of(template)).format_map(found.groupdict())


@cache
def _pattern(template: str) -> re.Pattern[str]:
    """What the sentences of a template match, with a group for each field."""
    parts = []
    known: set[str] = set()
    for literal, field, *_ in Formatter().parse(template):
        parts.append(re.escape(literal))
        if field:
            parts.append(f"(?P={field})" if field in known else f"(?P<{field}>.+?)")
            known.add(field)
    return re.compile("".join(parts), re.DOTALL)
