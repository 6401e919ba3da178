"""The pages of the indicators: a list of all, and one with its values, sources, revisions and rules."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from operator import itemgetter
from typing import Annotated, Any, Final, Self

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
from city_indicators.delivery.web.long_lists import A_PAGE, CHOICES, PageNumber, earlier, page_read
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
AMONG: Final = 100
"""How many of the largest cities those that charts show by default are chosen from."""
REVISIONS: Final = 20
"""How many revisions the page shows."""


@dataclass(frozen=True)
class Latest:
    """How many latest values an indicator has, of all cities and of those of a group (all if it is empty).

    `declared` is the indicator as the catalogue declares it, `counts` are rows of web/indicator_counts.
    """

    declared: dict[str, Any]
    counts: list[dict[str, Any]]
    group: str

    @classmethod
    def read(cls, connection: Connection, indicator: str, group: str) -> Self:
        """Those in the warehouse.

        Raises:
            HTTPException: there is no such indicator, or no city with a value is in such a group.
        """
        found = rows(connection, "web/indicator_counts", indicator=indicator)
        latest = cls(declaration(connection, indicator), found, group)
        if group and not latest.of_group:
            raise HTTPException(
                404, f"no city of a group {group!r} has a value. Next step: open the page without the group"
            )
        return latest

    @property
    def of_group(self) -> list[dict[str, Any]]:
        """The counts of the group."""
        return [row for row in self.counts if not self.group or self.group in row["city_groups"]]

    @property
    def total(self) -> int:
        """How many cities of the group have a value."""
        return sum(row["cities"] for row in self.of_group)

    @property
    def drawn(self) -> list[dict[str, Any]]:
        """The counts of the group in the unit that charts draw."""
        return [row for row in self.of_group if row["unit_measure"] == self.unit]

    @property
    def unit(self) -> str:
        """The unit that charts draw: that of most latest values, of equal ones that of the catalogue."""
        counted: Counter[str] = Counter()
        for row in self.counts:
            counted[row["unit_measure"]] += row["cities"]
        own = str(self.declared["unit_measure"])
        return max(counted, key=lambda unit: (counted[unit], unit == own), default=own)

    @property
    def chosen(self) -> dict[str, Any]:
        """The parameters of statements on the values of the group, the best first; of context the largest."""
        return {
            "indicator": self.declared["indicator"],
            "countries": sorted({row["country"] for row in self.of_group}),
            "lowest_first": self.declared["direction"] == "lower",
        }


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
    is a page of them. `choices` has one city more than `CHOICES` if there are more.

    Raises:
        HTTPException: there is no such indicator, city, group of cities or page.
    """
    with reading(warehouse) as connection:
        latest = Latest.read(connection, indicator, group)
        values = page_read(_values(connection, latest, earlier(number)), number, latest.total)
        sources = rows(connection, "web/indicator_sources", indicator=indicator)
        revisions = rows(connection, "web/indicator_revisions", indicator=indicator, most=REVISIONS)
        found = rows(connection, "web/indicator_checks", indicator=indicator)
        projected = rows(connection, "web/indicator_projections", indicator=indicator, most=A_PAGE + 1)
        cities = cities_of(connection, indicator, given)
        valued = having(connection, indicator, cities)
        choices = having(connection, indicator)
        labels = Labels(connection, language)
    return {
        **latest.declared,
        "root": "../",
        "here": "indicators",
        "labels": labels,
        "definition": name_in(language, latest.declared, prefix="definition_"),
        "coded": indicator in codes(),
        "unit": latest.unit,
        "values": values,
        "other_units": latest.total - sum(row["cities"] for row in latest.drawn),
        "own": any(row["city_level"] for row in latest.drawn),
        "years": {each[name] for each in sources for name in ("first_period", "last_period")},
        "cities": cities,
        "choices": {city: labels("ref_area", city) for city in _by_name({*choices, *cities}, labels)},
        "without": [labels("ref_area", city) for city in cities if city not in valued],
        "groups": _groups(latest.counts, labels, language),
        "group": group,
        "projected": projected[:A_PAGE],
        "more_projected": len(projected) > A_PAGE,
        "shown": partial(sensible, language=language),
        "sources": sources,
        "revisions": revisions,
        "limits": limits(latest.declared, labels, language),
        "checks": found,
        **_downloads(indicator, language),
        "chart_of": {"indicator": indicator, "cities": ",".join(cities), "group": group},
    }


def _by_name(cities: Iterable[str], labels: Labels) -> list[str]:
    return sorted(cities, key=lambda city: labels("ref_area", city))


def _values(connection: Connection, latest: Latest, before: int) -> list[dict[str, Any]]:
    return rows(connection, "web/indicator_latest", **latest.chosen, cities=None, most=A_PAGE, before=before)


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


def cities_of(connection: Connection, indicator: str, given: Sequence[str]) -> list[str]:
    """The cities that charts show: those that an address chooses, or those with most values.

    Raises:
        HTTPException: an address chooses a city that is not in the catalogue, or too many.
    """
    if chosen := chosen_cities(connection, given, 1, MOST):
        return chosen
    most = rows(connection, "web/indicator_cities", indicator=indicator, among=AMONG, most=PANELS)
    usual = [*having(connection, indicator, ALWAYS), *(row["ref_area"] for row in most)]
    return list(dict.fromkeys(usual))[:PANELS]


def having(connection: Connection, indicator: str, cities: Sequence[str] | None = None) -> list[str]:
    """Those of some cities that have a latest value, or of all cities one more than `CHOICES`."""
    among = None if cities is None else list(cities)
    found = rows(connection, "web/indicator_choices", indicator=indicator, cities=among, most=CHOICES + 1)
    valued = {row["ref_area"] for row in found}
    return [city for city in cities if city in valued] if cities is not None else sorted(valued)
