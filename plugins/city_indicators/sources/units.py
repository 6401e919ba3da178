"""Conversion of a source's units to ours, by pint."""

import re
from decimal import Decimal
from functools import cache
from typing import Any, Final

from city_indicators.catalog.models import Catalogue
from city_indicators.catalog.source import Series
from city_indicators.core.errors import CatalogueError

# To pint a ton is the American one of 907 kg; most who write it mean a tonne, and nobody can tell who does.
AMBIGUOUS: Final = re.compile(r"\b[^\W_]*(?<!new)(?<!dal)tons?\b", re.IGNORECASE)
WHICH_TON: Final = "a ton may be metric, short or long: write t, short_ton or long_ton"


def factor(series: Series, catalogue: Catalogue) -> Decimal:
    """What turns an observation of the series as published into one in its unit.

    Raises:
        CatalogueError: the units measure different things, or pint does not know one.
    """
    if series.published_unit is None or series.unit is None:
        return Decimal(1)
    target = catalogue.units[series.unit].pint
    try:
        if target is None:
            raise ValueError(f"nothing converts to {series.unit}")
        return ratio(series.published_unit, target)
    except ValueError as error:
        raise CatalogueError(
            "include/catalog", f"{series.code}.published_unit", f"{series.published_unit!r}: {error}"
        ) from error


@cache
def ratio(published: str, target: str) -> Decimal:
    """What turns an observation in one unit into another, both in the language of pint.

    Raises:
        ValueError: the units measure different things, pint does not know one, or a ton may be any.
    """
    import pint

    if AMBIGUOUS.search(published):
        raise ValueError(WHICH_TON)
    try:
        ratio = _registry().parse_expression(published).to(target)
    except pint.PintError as error:
        raise ValueError(error) from error
    # Fifteen digits hide the last bit in which floats differ from the exact ratio.
    return Decimal(f"{ratio.magnitude:.15g}")


@cache
def _registry() -> Any:
    """The units of pint and those that statistics add to them."""
    import pint

    known: Any = pint.UnitRegistry()
    for definition in ("person = [person]", "percent = 0.01"):
        known.define(definition)
    return known
