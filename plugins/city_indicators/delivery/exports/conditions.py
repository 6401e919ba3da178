"""Reads the conditions of an export, such as "time_period=2022", as comparisons with typed columns."""

import math
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, Double, Table, Text, and_, cast

from city_indicators.core.errors import ExportError
from city_indicators.delivery.exports.kinds import Kind, kind

INTEGERS: Final = range(-(2**63), 2**63)
"""The integers of the database."""


class Values(NamedTuple):
    """How the values of a kind are written: in words, with an example, and read."""

    name: str
    example: str
    read: Callable[[str], Any]


def _integer(text: str) -> int:
    number = int(text)
    if number not in INTEGERS:
        raise ValueError(text)
    return number


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(text)
    return number


def _boolean(text: str) -> bool:
    return {"true": True, "false": False}[text]


def _moment(text: str) -> datetime:
    given = datetime.fromisoformat(text)
    return given if given.tzinfo else given.replace(tzinfo=UTC)


READERS: Final[dict[Kind, Values]] = {
    "integer": Values("an integer", "3", _integer),
    "number": Values("a number", "64.25", _finite),
    "boolean": Values("true or false", "true", _boolean),
    "date": Values("a day", "2024-02-29", date.fromisoformat),
    "datetime": Values("a time in UTC", "2024-02-29T12:00:00", _moment),
}
"""The kinds whose values are not compared as text."""


def pair(name: str, condition: str) -> tuple[str, str]:
    """Column and value of a condition of the export `name`.

    Raises:
        ExportError: it is no condition.
    """
    column, equals, value = condition.partition("=")
    if not equals or "\0" in condition:
        raise ExportError(name, f"{condition!r} is no condition", "write it as column=value")
    return column, value


def matching(name: str, table: Table, where: Sequence[tuple[str, str]]) -> ColumnElement[bool]:
    """The rows of a table that meet all conditions.

    Raises:
        ExportError: the table has no such column, or the value is not of the column's type.
    """
    if unknown := [column for column, _ in where if column not in table.columns]:
        fault = f"{table.fullname} has no column {', '.join(map(repr, unknown))}"
        raise ExportError(name, fault, f"use one of {', '.join(table.columns.keys())}")
    return and_(True, *(_equals(name, table, column, value) for column, value in where))


def _equals(name: str, table: Table, column: str, value: str) -> ColumnElement[bool]:
    compared: ColumnElement[Any] = table.columns[column]
    of_kind = kind(compared.type)
    expected = READERS.get(of_kind)
    if expected is None:
        return cast(compared, Text) == value
    try:
        wanted = expected.read(value)
    except (ValueError, KeyError):
        raise ExportError(
            name,
            f"column {column} of {table.fullname} holds {expected.name}, and {value!r} is none",
            f"write it as {column}={expected.example}",
        ) from None
    equal: ColumnElement[bool] = (cast(compared, Double) if of_kind == "number" else compared) == wanted
    return equal
