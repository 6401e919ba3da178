"""Codes of the warehouse in words."""

from sqlalchemy import Connection

from city_indicators.delivery.exports.facts import catalogue_names, in_words
from city_indicators.delivery.labels import Language


class Words:
    """What the codes of a column mean in one language, as the catalogue and include/exports say."""

    def __init__(self, connection: Connection, language: Language) -> None:
        self._names = catalogue_names(connection, language)
        self._language = language

    def __call__(self, column: str, code: str | None) -> str:
        """A code in words; the code itself if nobody knows it, a dash if there is none."""
        if code is None:
            return "–"
        return in_words(column, code, self._language, self._names) or code
