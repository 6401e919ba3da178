"""The columns of an export: those of the table, and names in languages that the warehouse does not hold."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Self

from sqlalchemy import ARRAY, Column, ColumnElement, Table, Text, cast, func, literal, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeEngine

from city_indicators.core.languages import DECLARED, ENGLISH, languages, names
from city_indicators.delivery.exports.texts import stem


@dataclass(frozen=True)
class Field:
    """One column of an export, and the expression that reads it."""

    name: str
    type: TypeEngine[Any]
    nullable: bool
    comment: str | None
    value: ColumnElement[Any]

    @classmethod
    def of(cls, column: Column[Any]) -> Self:
        """A column of the table itself."""
        return cls(column.name, column.type, bool(column.nullable), column.comment, column)


def fields(table: Table) -> list[Field]:
    """The columns of a table in order; each declared name is followed by its names in further languages."""
    return [field for column in table.columns for field in (Field.of(column), *_further(table, column))]


def shown(table: Table, language: str) -> list[Field]:
    """The columns for readers of one language: names in several languages appear once, in that language."""
    every = {field.name: field for field in fields(table)}
    in_language = {name: f"{stem(name)}_{language}" for name in every}
    return [
        field
        for name, field in every.items()
        if name in (stem(name), in_language[name]) or in_language[name] not in every
    ]


def _further(table: Table, column: Column[Any]) -> Iterator[Field]:
    name = stem(column.name)
    english = table.columns.get(f"{name}_{ENGLISH}")
    if english is None or column.name != f"{name}_{list(DECLARED)[-1]}":
        return
    for language in (each for each in languages() if each not in DECLARED):
        comment = f"{name} in the language {language}, from include/locale/{language}."
        value = _translated(english, language)
        yield Field(f"{name}_{language}", english.type, bool(english.nullable), comment, value)


def _translated(english: Column[Any], language: str) -> ColumnElement[Any]:
    """The names of a column in a language; a name that has no translation stays English."""
    known = cast(literal(json.dumps(names(language))), JSONB)
    if not isinstance(english.type, ARRAY):
        return func.coalesce(known.op("->>")(english), english, type_=Text())
    one = func.unnest(english).column_valued("one")
    each = select(func.coalesce(known.op("->>")(one), one)).scalar_subquery()
    return func.array(each, type_=english.type)
