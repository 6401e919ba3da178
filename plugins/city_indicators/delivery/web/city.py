"""The page of a city: its ratings, similar cities, values over time, and what is missing."""

from collections.abc import Mapping
from functools import partial
from itertools import groupby
from operator import itemgetter
from typing import Any

from fastapi import APIRouter, HTTPException
from fastapi.responses import HTMLResponse
from sqlalchemy import Engine

from city_indicators.analytics.ratings.method import Method
from city_indicators.core.languages import Language
from city_indicators.delivery.exports.tables import reading
from city_indicators.delivery.web.city_charts import likely, over_time, preferred, temperature_key
from city_indicators.delivery.web.digits import sensible
from city_indicators.delivery.web.labels import Labels
from city_indicators.delivery.web.pages import Services
from city_indicators.delivery.web.practices import titled
from city_indicators.delivery.web.ratings import MAIN, reason
from city_indicators.delivery.web.render import render
from city_indicators.reports.past import methods_as_of
from city_indicators.warehouse.database import rows


def router(services: Services) -> APIRouter:
    """The route `/city/{ref_area}`; the app that includes it demands the login."""
    routes = APIRouter()

    @routes.get("/city/{ref_area}")
    def city(ref_area: str, language: Language = "en") -> HTMLResponse:
        content = page(services.warehouse(), ref_area, language)
        if not content:
            raise HTTPException(404, f"there is no city {ref_area!r}. Next step: choose one in Cities")
        return render("city.html", language, content)

    return routes


def page(warehouse: Engine, ref_area: str, language: Language) -> dict[str, Any]:
    """What the template needs; empty if there never was such a city.

    `pillars` holds the observations by pillar. The `choices` of an observation are all observations of its
    year that reports could use, the chosen one first; empty if there is only one.
    """
    with reading(warehouse) as connection:
        found = rows(connection, "web/city", ref_area=ref_area)
        if not found:
            return {}
        observations = rows(connection, "web/city_profile", ref_area=ref_area)
        choices = rows(connection, "web/city_choices", ref_area=ref_area)
        methods = methods_as_of(connection)
        of_ratings = {"ref_area": ref_area, "ratings": list(methods)}
        ratings = rows(connection, "web/city_ratings", **of_ratings)
        lacking = rows(connection, "web/city_gaps", **of_ratings)
        more = {
            "peers": rows(connection, "web/city_peers", ref_area=ref_area),
            "compared": rows(connection, "web/peer_comparison", ref_area=ref_area),
            "series": ends(over_time(rows(connection, "web/city_series", ref_area=ref_area))),
            "temperatures": preferred(rows(connection, "web/city_temperatures", ref_area=ref_area)),
            "projected": rows(connection, "web/projections", ref_area=ref_area),
            "practices": titled(rows(connection, "web/city_cases", ref_area=ref_area), language),
        }
        labels = Labels(connection, language)
    by_indicator = {key: list(each) for key, each in groupby(choices, key=itemgetter("indicator"))}
    for observation in observations:
        observation["choices"] = by_indicator.get(observation["indicator"], [])
    return {
        **found[0],
        **more,
        "root": "../",
        "here": "cities",
        "labels": labels,
        "shown": partial(sensible, language=language),
        "temperature_key": temperature_key,
        "pillars": {key: list(each) for key, each in groupby(observations, key=itemgetter("pillar"))},
        "mixed": mixed(observations),
        "ratings": [
            _rating(methods[key], list(years), language)
            for key, years in groupby(
                sorted(ratings, key=lambda row: row["rating"] != MAIN), key=itemgetter("rating")
            )
        ],
        "gaps": gaps(lacking, methods, language),
    }


def mixed(observations: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The shares of a city's electricity mix if they are of several areas, sources or years; else nothing.

    Such shares belong to different mixes and neither add up nor compare.
    """
    shares = [
        row
        for row in observations
        if row["indicator"].startswith("ELEC_") and row["indicator"].endswith("_SHARE")
    ]
    return (
        shares if len({(row["geo_basis"], row["source"], row["time_period"]) for row in shares}) > 1 else []
    )


def ends(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The first and the last observed year of each indicator over time, with the number of years."""
    observed = (row for row in lines if not row["projected"])
    series = [list(years) for _, years in groupby(observed, key=itemgetter("indicator"))]
    return [{"first": years[0], "last": years[-1], "years": len(years)} for years in series]


def gaps(
    lacking: list[dict[str, Any]], methods: Mapping[str, Method], language: Language
) -> list[dict[str, Any]]:
    """What ratings lack of a city, by indicator: `ratings` (names) and `state` with its `basis` and `year`.

    `state` is no_value; other_area: the value used is that of the area `basis`; not_usable: there is a value
    of `year`, which the ratings do not use. What a method wants of the country is not missing.
    """
    wanted = [row for row in lacking if not _as_declared(row, methods[row["rating"]])]
    return [
        _gap(indicator, list(uses), methods, language)
        for indicator, uses in groupby(wanted, itemgetter("indicator"))
    ]


def _as_declared(row: Mapping[str, Any], method: Method) -> bool:
    return row["geo_basis"] is not None and row["geo_basis"] in method.geo_bases.get(row["indicator"], set())


def _gap(
    indicator: str, uses: list[dict[str, Any]], methods: Mapping[str, Method], language: Language
) -> dict[str, Any]:
    first = min(uses, key=lambda row: row["geo_basis"] is not None)
    state = "other_area" if first["geo_basis"] else "not_usable" if first["known_in"] else "no_value"
    return {
        "indicator": indicator,
        "state": state,
        "basis": first["geo_basis"] or first["known_basis"],
        "year": first["known_in"],
        "cities": first["cities_with_own"],
        "ratings": [methods[row["rating"]].name.in_language(language) for row in uses],
    }


def _rating(method: Method, years: list[dict[str, Any]], language: Language) -> dict[str, Any]:
    for year in years:
        year["reason"] = reason(year["reason_code"], method, language)
        year["likely"] = likely(year)
    ranked = [year for year in years if year["rank"] is not None]
    return {
        "id": method.id,
        "name": method.name.in_language(language),
        "latest": (ranked or years)[0],
        "ranked": ranked,
        "unranked": [year for year in years if year["rank"] is None],
    }
