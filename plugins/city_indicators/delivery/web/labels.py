"""Labels of codes and names of the catalogue, in the language of a reader."""

from sqlalchemy import Connection

from city_indicators.delivery.exports.facts import catalogue_names, in_words


def named(url: str) -> str:
    """The address of a fetched file, but only the name of a submitted one: its folder is the server's."""
    return url if url.startswith(("http:", "https:")) else url.rpartition("/")[2]


class Labels:
    """The labels of codes by column and code, in one language."""

    def __init__(self, connection: Connection, language: str) -> None:
        self._names = catalogue_names(connection, language)
        self._language = language

    def __call__(self, column: str, code: str | None) -> str:
        """The label of a code; the code itself if it has none, a dash if there is no code."""
        if code is None:
            return "–"
        return in_words(column, code, self._language, self._names) or code
