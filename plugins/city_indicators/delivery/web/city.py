"""The page of a city: its latest observations, their alternatives, and its ratings."""

from itertools import groupby
from operator import itemgetter
from typing import Any

from fastapi import APIRouter, HTTPException
from fastapi.responses import HTMLResponse
from sqlalchemy import Engine

from city_indicators.analytics.ratings.method import Method
from city_indicators.core.languages import Language
from city_indicators.delivery.exports.tables import reading
from city_indicators.delivery.web.labels import Labels
from city_indicators.delivery.web.pages import Services
from city_indicators.delivery.web.ratings import MAIN, reason
from city_indicators.delivery.web.render import render
from city_indicators.reports.past import methods_as_of
from city_indicators.warehouse.database import engine, rows


def router(services: Services) -> APIRouter:
    """The route `/city/{ref_area}`; the app that includes it demands the login."""
    routes = APIRouter()

    @routes.get("/city/{ref_area}")
    def city(ref_area: str, language: Language = "en") -> HTMLResponse:
        content = page(engine(services.warehouse_url()), ref_area, language)
        if not content:
            raise HTTPException(404, f"there is no city {ref_area!r}. Next step: choose one in City ratings")
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
        peers = rows(connection, "web/city_peers", ref_area=ref_area)
        methods = methods_as_of(connection)
        ratings = rows(connection, "web/city_ratings", ref_area=ref_area, ratings=list(methods))
        labels = Labels(connection, language)
    by_indicator = {key: list(each) for key, each in groupby(choices, key=itemgetter("indicator"))}
    for observation in observations:
        observation["choices"] = by_indicator.get(observation["indicator"], [])
    return {
        **found[0],
        "labels": labels,
        "pillars": {key: list(each) for key, each in groupby(observations, key=itemgetter("pillar"))},
        "peers": peers,
        "ratings": [
            _rating(methods[key], list(years), language)
            for key, years in groupby(
                sorted(ratings, key=lambda row: row["rating"] != MAIN), key=itemgetter("rating")
            )
        ],
    }


def _rating(method: Method, years: list[dict[str, Any]], language: Language) -> dict[str, Any]:
    for year in years:
        year["reason"] = reason(year["reason_code"], method, language)
    return {
        "name": method.name.in_language(language),
        "ranked": [year for year in years if year["rank"] is not None],
        "unranked": [year for year in years if year["rank"] is None],
    }
