"""The limits that values of an indicator keep, in words."""

from functools import cache
from typing import Any

from city_indicators.catalog import load_catalogue
from city_indicators.catalog.models import Indicator
from city_indicators.core.languages import Language, words
from city_indicators.delivery.numbers import Numbers
from city_indicators.delivery.web.labels import Labels


@cache
def declared() -> dict[str, Indicator]:
    """The indicators as the catalogue declares them for the validation of loads.

    Raises:
        CatalogueError: the catalogue is wrong.
    """
    return load_catalogue().indicators


def limits(indicator: dict[str, Any], labels: Labels, language: Language) -> dict[str, str]:
    """The limits of an indicator by their name, in words; `indicator` is a row of web/indicator."""
    _, show = words(language).gettext, Numbers.of(language)
    low, high = (show.number(indicator[name]) for name in ("range_min", "range_max"))
    found = {_("Plausible range"): _("%(low)s to %(high)s") % {"low": low, "high": high}}
    known = declared().get(indicator["indicator"])
    if known is None:
        return found
    found[_("Geographic bases allowed")] = show.enumeration(
        labels("geo_basis", each) for each in known.geo_basis
    )
    if known.also_units:
        found[_("Other units allowed")] = show.enumeration(
            labels("unit_measure", each) for each in known.also_units
        )
    if known.max_change is not None:
        found[_("Largest change a year or by a revision")] = show.percent(known.max_change, 0)
    if known.tolerance is not None:
        found[_("Largest difference between sources")] = show.percent(known.tolerance, 0)
    if known.at_least:
        found[_("Not less than")] = show.enumeration(labels("indicator", each) for each in known.at_least)
    if known.mix:
        mix = (each.id for each in declared().values() if each.mix == known.mix)
        found[_("Shares of one total")] = show.enumeration(labels("indicator", each) for each in mix)
    return found
