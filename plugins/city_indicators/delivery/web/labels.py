"""Labels of codes and names of the catalogue, in the language of a reader."""

from sqlalchemy import Connection

from city_indicators.delivery.exports.facts import catalogue_names, in_words


def named(url: str) -> str:
    """The address of a fetched file, but only the name of a submitted one: its folder is the server's."""
    return url if url.startswith(("http:", "https:")) else url.rpartition("/")[2]


class Labels:
    """The labels of codes by column and code, in one language.

    Names are those of `names`, which are as of `facts.names_in`, by default those of the catalogue.
    """

    def __init__(
        self, connection: Connection, language: str, names: dict[tuple[str, str], str] | None = None
    ) -> None:
        self._names = catalogue_names(connection, language) if names is None else names
        self._language = language

    def __call__(self, column: str, code: str | None) -> str:
        """The label of a code; the code itself if it has none, a dash if there is no code."""
        if code is None:
            return "–"
        return in_words(column, code, self._language, self._names) or code
