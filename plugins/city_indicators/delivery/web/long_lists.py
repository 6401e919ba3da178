"""Parts of long lists: pages of a table, and as many rows as a chart can show legibly."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import Annotated, Any, Final

from fastapi import HTTPException, Query

from city_indicators.core.languages import words

A_PAGE: Final = 100
"""Cities on a page of a long list, and in a chart with a row for each."""

POINTS: Final = 1000
"""Cities that a map shows, the largest first."""

CHOICES: Final = 500
"""Cities that a field offers; if there are more, it takes a name or an id."""

PageNumber = Annotated[int, Query(alias="page", ge=1)]


@dataclass(frozen=True)
class Page:
    """The rows of a page of a list, and its number of all pages and rows; `before` are on earlier pages."""

    rows: Sequence[Any]
    number: int
    last: int
    total: int

    @property
    def before(self) -> int:
        """How many rows the pages before it have."""
        return earlier(self.number)


def page_of(rows: Sequence[Any], number: int) -> Page:
    """A page of a list that is in memory.

    Raises:
        HTTPException: 404, the list is shorter.
    """
    before = earlier(number)
    return page_read(rows[before : before + A_PAGE], number, len(rows))


def page_read(rows: Sequence[Any], number: int, total: int) -> Page:
    """A page with these rows, of a list of so many.

    Raises:
        HTTPException: 404, the list is shorter.
    """
    last = max(ceil(total / A_PAGE), 1)
    if number > last:
        raise HTTPException(404, f"there is no page {number}. Next step: open page 1 of the list")
    return Page(rows, number, last, total)


def bounds(number: int) -> dict[str, int]:
    """The parameters of a statement that reads a page."""
    return {"most": A_PAGE, "before": earlier(number)}


def earlier(number: int) -> int:
    """How many rows the pages before a page have."""
    return (number - 1) * A_PAGE


def limited(subtitle: str, shown: int, total: int, language: str) -> str:
    """The subtitle of a chart, with how many of all cities it shows, if not all."""
    if shown == total:
        return subtitle
    _ = words(language).gettext
    return _("%(subtitle)s. Only the first %(shown)s of %(total)s cities are drawn") % {
        "subtitle": subtitle,
        "shown": shown,
        "total": total,
    }
