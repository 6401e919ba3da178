"""Maps the types of the database to the few kinds that the formats distinguish."""

from typing import Any, Final, Literal

from sqlalchemy import (
    ARRAY,
    JSON,
    Boolean,
    ColumnElement,
    Date,
    DateTime,
    Double,
    Float,
    Integer,
    Numeric,
    String,
    Text,
    cast,
    func,
    literal_column,
)
from sqlalchemy.types import TypeEngine

from city_indicators.delivery.exports.fields import Field

Kind = Literal["boolean", "integer", "number", "date", "datetime", "array", "json", "text"]

KINDS: Final[tuple[tuple[type[TypeEngine[Any]], Kind], ...]] = (
    (Boolean, "boolean"),
    (Integer, "integer"),
    (Float, "number"),
    (Numeric, "number"),
    (DateTime, "datetime"),
    (Date, "date"),
    (ARRAY, "array"),
    (JSON, "json"),
)


def kind(type_: TypeEngine[Any]) -> Kind:
    """The kind of a type; text by default."""
    return next((name for of_kind, name in KINDS if isinstance(type_, of_kind)), "text")


def as_text(field: Field) -> ColumnElement[Any]:
    """A column as CSV has it: times as ISO 8601 with their offset, arrays as JSON.

    Numbers that are not finite are NaN, INF and -INF, as in Data Package and XML Schema.
    """
    of_kind, column = kind(field.type), field.value
    if of_kind == "integer" or isinstance(field.type, String):
        return column
    if of_kind == "number":
        return func.replace(cast(column, Text), "Infinity", "INF")
    if of_kind in ("date", "datetime"):
        return func.to_jsonb(column).op("#>>")(literal_column("'{}'"))
    return cast(func.to_jsonb(column) if of_kind == "array" else column, Text)


def as_value(field: Field) -> ColumnElement[Any]:
    """A column for a cursor: numbers as floats, JSON and other types as text."""
    of_kind, column = kind(field.type), field.value
    if of_kind == "number":
        return cast(column, Double)
    return cast(column, Text) if of_kind in ("json", "text") else column
