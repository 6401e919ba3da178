"""Reads the key and the filters of an SDMX 3 data query as a condition on observations."""

import re
from collections.abc import Iterable
from typing import Any, Final

from sqlalchemy import ColumnElement, Table, and_, or_

from city_indicators.core.errors import ParameterError
from city_indicators.delivery.exports.conditions import matching
from city_indicators.delivery.exports.sdmx import DIMENSIONS, SERIES, TIME
from city_indicators.delivery.exports.tables import OBSERVATIONS

COMPONENT: Final = re.compile(r"c\[(.*)\]")
YEAR: Final = re.compile(r"\d{4}")
FIXED: Final = {
    "dimensionAtObservation": ("TIME_PERIOD",),
    "attributes": ("dsd", "all"),
    "measures": ("all",),
    "includeHistory": ("false",),
}
"""The parameters of the standard of which only one meaning is offered, with the values that have it."""
OTHERS: Final = ("format", "language", "limit", "offset")
"""The parameters that are read elsewhere."""


def condition(table: Table, key: str, parameters: Iterable[tuple[str, str]]) -> ColumnElement[bool]:
    """The observations of a key such as "A.moscow.*.un_wup" and of filters such as `c[TIME_PERIOD]=ge:2015`.

    Raises:
        ParameterError: a key or parameter is wrong, or not offered.
    """
    conditions = [or_(*(_of_key(table, each) for each in key.split(",")))]
    seen: set[str] = set()
    for name, value in parameters:
        if name in seen:
            raise ParameterError(name, "it is given more than once", "join its values with a comma")
        seen.add(name)
        if component := COMPONENT.fullmatch(name):
            conditions.append(_of_component(table, component[1], value))
        elif name in FIXED and value not in FIXED[name]:
            raise ParameterError(name, f"{value!r} is not offered", f"use {FIXED[name][0]}, or leave it out")
        elif name not in FIXED and name not in OTHERS:
            raise ParameterError(name, "it is not offered", "filter with the key and c[…]")
    return and_(*conditions)


def _of_key(table: Table, key: str) -> ColumnElement[bool]:
    """The observations of one key; positions that are `*`, empty or missing at the end admit every value."""
    values = key.split(".")
    if len(values) > len(SERIES):
        order = ".".join(SERIES).upper()
        raise ParameterError("key", f"{key!r} has {len(values)} positions", f"write it as {order}")
    given = zip(SERIES, values, strict=False)
    return matching(OBSERVATIONS, table, [pair for pair in given if pair[1] not in ("*", "")])


def _of_component(table: Table, component: str, value: str) -> ColumnElement[bool]:
    """The observations that a filter admits: a comma is "or", a plus (or a space, its decoded form) "and"."""
    dimension = component.lower()
    if dimension not in DIMENSIONS:
        choice = ", ".join(DIMENSIONS).upper()
        raise ParameterError(f"c[{component}]", "no filter of this component is offered", f"use {choice}")
    return or_(
        *(
            and_(*(_compared(table, dimension, one) for one in re.split("[+ ]", each)))
            for each in value.split(",")
        )
    )


def _compared(table: Table, dimension: str, given: str) -> ColumnElement[bool]:
    operator, colon, value = given.partition(":")
    if not colon:
        operator, value = "eq", given
    column: ColumnElement[Any] = table.columns[dimension]
    if operator == "eq" and value:
        return matching(OBSERVATIONS, table, [(dimension, value)])
    # All periods are years: a day would sort between them.
    if dimension == TIME and operator in ("ge", "le") and YEAR.fullmatch(value):
        return column >= value if operator == "ge" else column <= value
    raise ParameterError(
        f"c[{dimension.upper()}]",
        f"{given!r} is not offered",
        f"write values separated by commas, or c[{TIME.upper()}]=ge:2015+le:2020",
    )
