"""Reads one page of rows by key: the cursor of the next page is the key of the last row.

Rows that come or go meanwhile move no others to another page, as an offset would.
"""

import binascii
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Self

from sqlalchemy import ColumnElement, Connection, Select, and_, select, tuple_

from city_indicators.core.errors import CursorError
from city_indicators.delivery.exports.fields import Field
from city_indicators.delivery.exports.tables import OBSERVATIONS, Export

OBSERVATION_KEY: Final = ("indicator", "time_period", "source", "ref_area")
"""The key of an observation, in the order of the warehouse's indexes: a view has none itself."""


@dataclass(frozen=True)
class Rows:
    """Rows with a key of texts, and the condition that they meet."""

    name: str
    fields: Sequence[Field]
    key: Sequence[ColumnElement[Any]]
    condition: ColumnElement[bool]

    @classmethod
    def of(cls, export: Export) -> Self:
        """The rows of an export of one table."""
        (part,) = export.parts
        columns = part.table.columns
        key = (
            [columns[name] for name in OBSERVATION_KEY]
            if export.name == OBSERVATIONS
            else list(part.table.primary_key.columns)
        )
        return cls(export.name, part.fields, key, part.condition)


@dataclass(frozen=True)
class Page:
    """A page of rows; `following` is the cursor of the next one, None after the last."""

    fields: Sequence[Field]
    following: str | None
    _rows: Rows
    _condition: ColumnElement[bool]
    _limit: int

    def select(self, written: Callable[[Field], ColumnElement[Any]]) -> Select[Any]:
        """The statement of its rows, each column `written` as the format has it."""
        columns = (written(field).label(field.name) for field in self.fields)
        return select(*columns).where(self._condition).order_by(*self._rows.key).limit(self._limit)


def page(connection: Connection, rows: Rows, cursor: str | None, limit: int) -> Page:
    """The page after `cursor`, the first one if it is None.

    Raises:
        CursorError: the cursor is not from a page of these rows.
    """
    condition = rows.condition
    if cursor is not None:
        after = _read(rows, cursor)
        # The second condition follows from the first, and is one of a single table: its index finds the page.
        beginning = tuple_(*rows.key[:-1]) >= tuple_(*after[:-1])
        condition = and_(condition, tuple_(*rows.key) > tuple_(*after), beginning)
    last = select(*rows.key).where(condition).order_by(*rows.key).offset(limit - 1).limit(2)
    found = connection.execute(last).all()
    following = _written(rows, found[0]) if len(found) > 1 else None
    return Page(rows.fields, following, rows, condition, limit)


def _written(rows: Rows, key: Sequence[str]) -> str:
    text = json.dumps([rows.name, *key], ensure_ascii=False)
    return urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


def _read(rows: Rows, cursor: str) -> list[str]:
    key: list[str]
    try:
        name, *key = json.loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError, TypeError):
        name, key = None, []
    if name != rows.name or len(key) != len(rows.key) or not all(isinstance(each, str) for each in key):
        fault = f"{cursor!r} is no cursor of its pages"
        raise CursorError(rows.name, fault, "take `next` of the page before, or begin without a cursor")
    return key
