"""Conversion of a source's units to ours, by pint."""

from decimal import Decimal
from functools import cache
from typing import Any

from city_indicators.catalog.models import Catalogue, Series
from city_indicators.errors import CatalogueError


@cache
def registry() -> Any:
    """The units of pint and those that statistics add to them."""
    import pint

    known: Any = pint.UnitRegistry()
    for definition in ("person = [person]", "percent = 0.01", "currency_unit = [currency]"):
        known.define(definition)
    return known


def factor(series: Series, catalogue: Catalogue) -> Decimal:
    """What turns a figure of the series as published into one in its unit.

    Raises:
        CatalogueError: the units measure different things, or pint does not know one.
    """
    if series.published_unit is None or series.unit is None:
        return Decimal(1)
    import pint

    target = catalogue.units[series.unit].pint
    if target is None:
        raise CatalogueError(
            "include/catalog", f"{series.code}.published_unit", f"nothing converts to {series.unit}"
        )
    try:
        ratio = registry().parse_expression(series.published_unit).to(target)
    except (pint.PintError, ValueError) as error:
        raise CatalogueError(
            "include/catalog", f"{series.code}.published_unit", f"{series.published_unit!r}: {error}"
        ) from error
    # Fifteen digits hide the last bit in which floats differ from the exact ratio.
    return Decimal(f"{ratio.magnitude:.15g}")
