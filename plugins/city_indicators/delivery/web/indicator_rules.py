"""The rules that values of an indicator pass, in words: its own limits and the rules of every row."""

from functools import cache
from typing import Any, Final

from city_indicators.catalog import load_catalogue
from city_indicators.catalog.models import Indicator
from city_indicators.core.languages import Language, message, words
from city_indicators.delivery.numbers import Numbers
from city_indicators.delivery.web.labels import Labels

ROW_RULES: Final = {
    "keeps_the_form": message("the form was filled in as it demands"),
    "known_area": message("the place is in the catalogue"),
    "value_is_number": message("the value is a number"),
    "has_status": message("the value has a status"),
    "has_basis": message("the value has a geographic basis"),
    "known_unit": message("the unit is one of the indicator's"),
    "unit_is_given": message("the source names the unit"),
    "allowed_status": message("the status is a code of SDMX CL_OBS_STATUS"),
    "allowed_basis": message("the geographic basis is one of the indicator's"),
    "plausible_range": message("the value is within the plausible range"),
    "total_covers_parts": message("a total is not less than its parts"),
    "mix_within_total": message("the shares of one total sum to at most 100 %"),
    "jump_bound": message("the change from the year before is not larger than allowed"),
    "revision_bound": message("a revision is not larger than allowed"),
    "other_sources_agree": message("other sources of the same value agree"),
    "one_value_per_key": message("the source gives one value for a place and year"),
    "no_repeat": message("no row repeats another"),
}
"""What the rules of include/expectations/observations.yaml demand of every row."""


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


def checks(found: list[dict[str, Any]], language: Language) -> list[dict[str, Any]]:
    """Rows of web/indicator_checks with `name`: what the rule demands, or its id without words for it."""
    translate = words(language).gettext
    return [
        {**row, "name": translate(ROW_RULES[rule]) if rule in ROW_RULES else rule}
        for row in found
        for rule in [row["rule"]]
    ]
