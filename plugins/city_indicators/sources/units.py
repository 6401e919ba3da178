"""Converts the units of sources to ours, with pint."""

import re
from decimal import Decimal
from functools import cache
from typing import Any, Final

from city_indicators.catalog.models import Catalogue
from city_indicators.catalog.source import Series
from city_indicators.core.errors import CatalogueError

# pint takes "ton" for the American one of 907 kg, but most authors mean a tonne: the word is ambiguous.
AMBIGUOUS: Final = re.compile(r"\b[^\W_]*(?<!new)(?<!dal)tons?\b", re.IGNORECASE)
WHICH_TON: Final = "a ton may be metric, short or long: write t, short_ton or long_ton"


def factor(series: Series, catalogue: Catalogue) -> Decimal:
    """The factor from the published unit of a series to its unit.

    Raises:
        CatalogueError: the units have different dimensions, or pint does not know one of them.
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
    """The factor from one unit to another, both in the notation of pint.

    Raises:
        ValueError: the units have different dimensions, pint does not know one, or a ton is ambiguous.
    """
    import pint

    if AMBIGUOUS.search(published):
        raise ValueError(WHICH_TON)
    try:
        ratio = _registry().parse_expression(published).to(target)
    except pint.PintError as error:
        raise ValueError(error) from error
    # Fifteen digits hide the rounding error of floats.
    return Decimal(f"{ratio.magnitude:.15g}")


@cache
def _registry() -> Any:
    """The units of pint, and additional units of statistics."""
    import pint

    known: Any = pint.UnitRegistry()
    for definition in ("person = [person]", "percent = 0.01"):
        known.define(definition)
    return known
