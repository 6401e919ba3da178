"""The bounds of what one answer may take of a worker, each with its reason.

A worker has 2 GB. A bound is at least three times the largest answer that a publisher is known to send, so
that a source can grow; beyond it, a person looks at what the publisher sends now.
"""

from collections.abc import Iterable, Iterator
from typing import Final, TextIO, TypeVar

MAX_BYTES: Final = 400 * 1024 * 1024
"""Of one answer: the largest known file has 49 MB. An answer is kept in memory once."""
MAX_SECONDS: Final = 600.0
"""From a request to the last byte of its answer, with all retries: a fetch task has half an hour."""
MAX_REDIRECTS: Final = 5
"""Of one request: files move from an address to a server of downloads, and seldom twice."""
MAX_PAGES: Final = 200
"""Of one request: the largest known, the metro stations of Moscow, needs ten pages of a thousand rows."""
MAX_CHARACTERS: Final = 32 * 1024 * 1024
"""Of JSON, or of a table of days: a year of hours of 23 cities has 5 million. Parsed, it takes up to twenty
times as much memory."""
MAX_LINE_CHARACTERS: Final = 1024 * 1024
"""Of one row of CSV: the longest known one has 10 000."""
MAX_ROWS: Final = 250_000
"""Of a table that is kept in memory: the largest known, WHO's, has 32 191."""
MAX_CELLS: Final = 5_000_000
"""Of a table that is kept in memory: the largest known, WHO's, has half a million; a cell takes 100 bytes."""
MAX_OBSERVATIONS: Final = 7_000_000
"""Of our places and periods in one load: 12 000 cities, 20 indicators, 25 years; one takes 200 bytes."""
MAX_RAW_CHARACTERS: Final = 200 * 1024 * 1024
"""Of the published rows of these observations that are kept in memory, each once: a tenth of a worker."""
MAX_JOINED: Final = 200_000
"""Of the rows of a series that are joined: the largest known has 700; one takes two kilobytes."""

Item = TypeVar("Item")


class TooMuchError(ValueError):
    """An answer exceeds one of the bounds."""


def at_most(limit: int, items: Iterable[Item], what: str) -> Iterator[Item]:
    """The items, up to a limit.

    Raises:
        TooMuchError: there are more.
    """
    for number, item in enumerate(items):
        if number == limit:
            raise TooMuchError(f"more than {limit} {what}")
        yield item


class Lines:
    """The lines of a text for a reader of CSV, which calls `end_row` after each row."""

    def __init__(self, text: TextIO) -> None:
        self._text = text
        self._characters = 0

    def end_row(self) -> None:
        """Begin to count the next row, which may span several lines."""
        self._characters = 0

    def __iter__(self) -> Iterator[str]:
        """The lines.

        Raises:
            TooMuchError: a row is longer than MAX_LINE_CHARACTERS.
        """
        while line := self._text.readline(MAX_LINE_CHARACTERS + 1):
            self._characters += len(line)
            if self._characters > MAX_LINE_CHARACTERS:
                raise TooMuchError(f"a row has more than {MAX_LINE_CHARACTERS} characters")
            yield line
