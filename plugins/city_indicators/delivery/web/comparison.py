"""The page Compare: two to six cities beside each other, and whether their values are comparable."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import groupby
from operator import itemgetter
from typing import Annotated, Any, Final

from fastapi import APIRouter, HTTPException, Query
from fastapi.responses import HTMLResponse
from sqlalchemy import Engine

from city_indicators.core.languages import Language, message, words
from city_indicators.delivery.exports.tables import reading
from city_indicators.delivery.web.choices import chosen_cities
from city_indicators.delivery.web.digits import sensible, slope, unit_of_change
from city_indicators.delivery.web.downloads import links
from city_indicators.delivery.web.labels import Labels
from city_indicators.delivery.web.long_lists import CHOICES
from city_indicators.delivery.web.pages import NavigationEntry, Services
from city_indicators.delivery.web.ratings import MAIN, reason
from city_indicators.delivery.web.render import render
from city_indicators.reports.past import methods_as_of
from city_indicators.warehouse.database import rows

NAVIGATION: Final = NavigationEntry(14, message("Compare"), "compare")
DEFAULT: Final = ("moscow", "guangzhou")
LEAST, MOST = 2, 6
"""How many cities may be compared."""
COLUMNS: Final = (
    *("obs_value", "unit_measure", "time_period", "geo_basis", "source", "rank"),
    *("trend", "slope", "trend_reason"),
)
"""The columns of a pair that are of one city; those of the other begin with `other_`."""


@dataclass
class Compared:
    """An indicator of several cities: values by city, each with the columns `COLUMNS`.

    `ranked` counts the cities with a value by unit, among which values in the unit have their ranks. `why`
    has the reasons for which any two of the values are not comparable; a city without a value is one.
    """

    indicator: str
    pillar: str
    direction: str
    ranked: dict[str, int] = field(default_factory=dict)
    of_city: dict[str, dict[str, Any]] = field(default_factory=dict)
    why: list[str] = field(default_factory=list)

    @property
    def comparable(self) -> bool:
        """Whether the values of all the cities are comparable."""
        return not self.why

    @property
    def best(self) -> list[str]:
        """The cities with the best value; none if the values are not comparable or none is better."""
        if self.why or self.direction == "context":
            return []
        choose = max if self.direction == "higher" else min
        best = choose(value["obs_value"] for value in self.of_city.values())
        return [city for city, value in self.of_city.items() if value["obs_value"] == best]

    @property
    def has_trend(self) -> bool:
        """Whether the series of any city has a trend, or none was found in it."""
        return any(value["trend"] for value in self.of_city.values())

    def position(self, city: str) -> float | None:
        """The place among all cities from 0, the last, to 1, the best; None without a rank among several."""
        value = self.of_city[city]
        others = self.ranked.get(value["unit_measure"], 0) - 1
        return None if value["rank"] is None or others < 1 else 1 - (value["rank"] - 1) / others


def router(services: Services) -> APIRouter:
    """The route `/compare`; the app that includes it demands the login."""
    routes = APIRouter()

    @routes.get("/compare")
    def compare(
        cities: Annotated[Sequence[str], Query()] = (), rating: str = "", language: Language = "en"
    ) -> HTMLResponse:
        content = page(services.warehouse(), cities, rating, language)
        return render("compare.html", language, content)

    return routes


def page(warehouse: Engine, given: Sequence[str], rating: str, language: Language) -> dict[str, Any]:
    """What the template needs.

    `pillars` has the indicators by pillar; `ratings` has, by rating, a row for each city with its rank.

    Raises:
        HTTPException: there is no such city or rating, or there are too few or too many cities.
    """
    with reading(warehouse) as connection:
        cities = chosen_cities(connection, given, LEAST, MOST) or list(DEFAULT)
        found = rows(connection, "web/compare", cities=cities)
        methods = methods_as_of(connection)
        if rating and rating not in methods:
            raise HTTPException(
                404, f"there is no rating {rating!r}. Next step: choose one of {sorted(methods)}"
            )
        ranks = rows(connection, "web/compare_ratings", cities=cities, ratings=list(methods))
        known = [row["ref_area"] for row in rows(connection, "web/city_ids", most=CHOICES + 1)]
        labels = Labels(connection, language)
    listed = compared(found, cities)
    for row in ranks:
        row["reason"] = reason(row["reason_code"], methods[row["rating"]], language)
    by_rating = {key: list(each) for key, each in groupby(ranks, key=itemgetter("rating"))}
    named = sorted((labels("ref_area", city), city) for city in known)
    return {
        "here": "compare",
        "labels": labels,
        "shown": partial(sensible, language=language),
        "slope": partial(slope, language=language),
        "unit_of_change": partial(unit_of_change, labels=labels, language=language),
        "cities": cities,
        "choices": [*cities, *[""] * (MOST - len(cities))],
        "options": {"": words(language).gettext("no city")} | {city: name for name, city in named},
        "pillars": {key: list(each) for key, each in groupby(listed, key=lambda each: each.pillar)},
        "trends": [each for each in listed if each.has_trend],
        "comparable": sum(each.comparable for each in listed),
        "indicators": len(listed),
        "ratings": {
            key: (each[0]["time_period"], {row["ref_area"]: row for row in each})
            for key, each in by_rating.items()
        },
        "names": {key: methods[key].name.in_language(language) for key in by_rating},
        "rating": rating or (MAIN if MAIN in by_rating else next(iter(by_rating), "")),
        "downloads": _downloads(cities, language),
        "chart_of": {"cities": ",".join(cities)},
    }


def compared(found: list[dict[str, Any]], cities: Sequence[str]) -> list[Compared]:
    """The indicators of rows of web/compare, with the values of the cities in their order."""
    listed: dict[str, Compared] = {}
    for pair in found:
        known = listed.setdefault(
            pair["indicator"], Compared(pair["indicator"], pair["pillar"], pair["direction"])
        )
        unit = pair["other_unit_measure"] if pair["unit_measure"] is None else pair["unit_measure"]
        if pair["n_ranked"] is not None:
            known.ranked[unit] = pair["n_ranked"]
        for city, prefix in ((pair["ref_area"], ""), (pair["other_ref_area"], "other_")):
            if pair[f"{prefix}obs_value"] is not None:
                known.of_city[city] = {column: pair[f"{prefix}{column}"] for column in COLUMNS}
        known.why.extend(each for each in pair["incomparable_because"] if each not in known.why)
    for each in listed.values():
        each.of_city = {city: each.of_city[city] for city in cities if city in each.of_city}
        if len(each.of_city) < len(cities) and "no_value" not in each.why:
            each.why.append("no_value")
    return list(listed.values())


def _downloads(cities: Sequence[str], language: Language) -> dict[str, str]:
    """The report of the first two cities."""
    where = [f"ref_area={cities[0]}", f"other_ref_area={cities[1]}"]
    return links("report.pair_comparison", language, where, ["csv", "xlsx"])
