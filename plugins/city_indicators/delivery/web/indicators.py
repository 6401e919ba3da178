"""The pages of the indicators: a list of all, and one with its values, sources, revisions and rules."""

from collections import Counter
from collections.abc import Iterable, Sequence
from functools import partial
from itertools import groupby
from operator import itemgetter
from typing import Annotated, Any, Final

from fastapi import APIRouter, HTTPException, Query
from fastapi.responses import HTMLResponse
from sqlalchemy import Connection, Engine

from city_indicators.core.languages import Language, message, name_in, words
from city_indicators.delivery.exports.tables import OBSERVATIONS, reading
from city_indicators.delivery.exports.texts import codes
from city_indicators.delivery.web.choices import chosen_cities
from city_indicators.delivery.web.digits import sensible
from city_indicators.delivery.web.downloads import links
from city_indicators.delivery.web.indicator_rules import limits
from city_indicators.delivery.web.labels import Labels
from city_indicators.delivery.web.long_lists import A_PAGE, PageNumber, page_of
from city_indicators.delivery.web.pages import NavigationEntry, Services
from city_indicators.delivery.web.render import render
from city_indicators.warehouse.database import rows

NAVIGATION: Final = NavigationEntry(12, message("Indicators"), "indicators")
ALWAYS: Final = ("moscow", "guangzhou")
"""The cities that charts show by default, where they have values."""
PANELS: Final = 6
"""How many cities charts show by default."""
MOST: Final = 12
"""How many cities may be chosen."""
REVISIONS: Final = 20
"""How many revisions the page shows."""


def router(services: Services) -> APIRouter:
    """The routes `/indicators` and `/indicator/{indicator}`; the app that includes them demands the login."""
    routes = APIRouter()

    @routes.get("/indicators")
    def indicators(language: Language = "en") -> HTMLResponse:
        return render("indicators.html", language, index(services.warehouse(), language))

    @routes.get("/indicator/{indicator}")
    def one(
        indicator: str,
        cities: Annotated[Sequence[str], Query()] = (),
        group: str = "",
        number: PageNumber = 1,
        language: Language = "en",
    ) -> HTMLResponse:
        content = page(services.warehouse(), indicator, cities, group, number, language)
        return render("indicator.html", language, content)

    return routes


def index(warehouse: Engine, language: Language) -> dict[str, Any]:
    """What the template of the list needs: the observed indicators by pillar, and those only projected."""
    with reading(warehouse) as connection:
        found = rows(connection, "web/indicators")
        projected = rows(connection, "web/indicators_projected")
        labels = Labels(connection, language)
    pillars = {pillar: list(each) for pillar, each in groupby(found, key=itemgetter("pillar"))}
    return {"labels": labels, "pillars": pillars, "projected": projected, "here": "indicators"}


def page(
    warehouse: Engine, indicator: str, given: Sequence[str], group: str, number: int, language: Language
) -> dict[str, Any]:
    """What the template of one indicator needs.

    `unit` is the unit that the charts draw; `other_units` counts the latest values in another one; `values`
    is a page of them.

    Raises:
        HTTPException: there is no such indicator, city, group of cities or page.
    """
    with reading(warehouse) as connection:
        declared = declaration(connection, indicator)
        values = rows(connection, "web/indicator_latest", indicator=indicator)
        sources = rows(connection, "web/indicator_sources", indicator=indicator)
        revisions = rows(connection, "web/indicator_revisions", indicator=indicator, most=REVISIONS)
        found = rows(connection, "web/indicator_checks", indicator=indicator)
        projected = rows(connection, "web/projections", ref_area=None, indicator=indicator)
        cities, choices = cities_of(connection, indicator, given)
        labels = Labels(connection, language)
    values_of_group = in_order(of_group(values, group), declared)
    unit = main_unit(values, declared)
    drawn = [row for row in values_of_group if row["unit_measure"] == unit]
    return {
        **declared,
        "root": "../",
        "here": "indicators",
        "labels": labels,
        "definition": name_in(language, declared, prefix="definition_"),
        "coded": indicator in codes(),
        "unit": unit,
        "values": page_of(values_of_group, number),
        "drawn": drawn,
        "other_units": len(values_of_group) - len(drawn),
        "own": [row for row in drawn if row["city_level"]],
        "years": {each[name] for each in sources for name in ("first_period", "last_period")},
        "cities": cities,
        "choices": {city: labels("ref_area", city) for city in _by_name({*choices, *cities}, labels)},
        "without": [labels("ref_area", city) for city in cities if city not in choices],
        "groups": _groups(values, labels, language),
        "group": group,
        **_first(projected),
        "shown": partial(sensible, language=language),
        "sources": sources,
        "revisions": revisions,
        "limits": limits(declared, labels, language),
        "checks": found,
        **_downloads(indicator, language),
        "chart_of": {"indicator": indicator, "cities": ",".join(cities), "group": group},
    }


def _first(projected: list[dict[str, Any]]) -> dict[str, Any]:
    """The projections that the page lists, and how many there are."""
    return {"projected": projected[:A_PAGE], "all_projected": len(projected)}


def _by_name(cities: Iterable[str], labels: Labels) -> list[str]:
    return sorted(cities, key=lambda city: labels("ref_area", city))


def _groups(values: list[dict[str, Any]], labels: Labels, language: Language) -> dict[str, str]:
    """The groups of the cities with a value, by id; all cities first."""
    groups = sorted({each for row in values for each in row["city_groups"]})
    return {"": words(language).gettext("all cities")} | {
        each: labels("city_groups", each) for each in groups
    }


def _downloads(indicator: str, language: Language) -> dict[str, dict[str, str]]:
    """The files of the latest values and of all years, by format."""
    only = [f"indicator={indicator}"]
    return {
        "downloads": links("report.city_profile", language, only, ["csv", "xlsx"]),
        "all_downloads": links(OBSERVATIONS, language, only, ["csv", "sdmx-csv"]),
    }


def declaration(connection: Connection, indicator: str) -> dict[str, Any]:
    """An indicator as the catalogue declares it.

    Raises:
        HTTPException: there is no such indicator.
    """
    found = rows(connection, "web/indicator", indicator=indicator)
    if not found:
        raise HTTPException(404, f"there is no indicator {indicator!r}. Next step: choose one in Indicators")
    return found[0]


def cities_of(connection: Connection, indicator: str, given: Sequence[str]) -> tuple[list[str], list[str]]:
    """The cities that charts show, and all that have values, those with most of them first.

    Raises:
        HTTPException: an address chooses a city that is not in the catalogue, or too many.
    """
    choices = [row["ref_area"] for row in rows(connection, "web/indicator_cities", indicator=indicator)]
    usual = [city for city in dict.fromkeys([*ALWAYS, *choices]) if city in choices][:PANELS]
    return chosen_cities(connection, given, 1, MOST) or usual, choices


def of_group(values: list[dict[str, Any]], group: str) -> list[dict[str, Any]]:
    """The latest values of the cities of a group; of all cities if the address names none.

    Raises:
        HTTPException: no city with a value is in such a group.
    """
    found = [row for row in values if not group or group in row["city_groups"]]
    if group and not found:
        raise HTTPException(
            404, f"no city of a group {group!r} has a value. Next step: open the page without the group"
        )
    return found


def in_order(values: list[dict[str, Any]], declared: dict[str, Any]) -> list[dict[str, Any]]:
    """Values, the largest first, in the order of the indicator: the best first, of context the largest."""
    return values[::-1] if declared["direction"] == "lower" else values


def main_unit(values: list[dict[str, Any]], declared: dict[str, Any]) -> str:
    """The unit of most latest values, of equal ones that of the catalogue."""
    counted = Counter(row["unit_measure"] for row in values)
    own = str(declared["unit_measure"])
    return max(counted, key=lambda unit: (counted[unit], unit == own), default=own)
