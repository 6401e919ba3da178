"""The page Overview: what is in the warehouse, what moved, what is overdue and what needs a person."""

from itertools import groupby
from operator import itemgetter
from typing import Any, Final

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from city_indicators.analytics.ratings.method import Method
from city_indicators.core.languages import Language, message, name_in, words
from city_indicators.core.runs import run_address
from city_indicators.delivery.exports.tables import reading
from city_indicators.delivery.web.editions import proposed
from city_indicators.delivery.web.loads import listed, with_docs
from city_indicators.delivery.web.pages import NavigationEntry, Services, navigation
from city_indicators.delivery.web.quality import not_as_expected
from city_indicators.delivery.web.ratings import MAIN, PAIR, decimals
from city_indicators.delivery.web.render import render
from city_indicators.reports.past import methods_as_of
from city_indicators.warehouse.database import rows

NAVIGATION: Final = NavigationEntry(5, message("Overview"), "overview", "city-indicators")
LEADERS: Final = 5
MOVERS: Final = 3
NEWEST: Final = 5
SHOWN: Final = {"leaders": LEADERS, "movers": MOVERS, "pair": list(PAIR)}
COMPARE: Final = "compare"
ABOUT: Final = {
    "ratings": message("Ranks and scores of a year, what they are made of, and how they changed."),
    "cities": message("Each city: its profile, ratings, peers and sources."),
    "indicators": message("Each indicator: its definition, values and sources."),
    COMPARE: message("Cities side by side."),
    "workbench": message("Other weights and steps for a rating, and which ranks they change."),
    "trends": message("Where indicators are heading, and whether cities converge."),
    "best-practices": message("What cities did, and what the data show."),
    "coverage": message("Which values there are, by city, indicator and year."),
    "catalogue": message("Sources, units, cities and groups as declared."),
    "methods": message("How each rating is computed, and how robust it is."),
    "loads": message("What each load read, rejected and changed."),
    "backfill-plan": message("What a backfill of past years would request and change."),
    "quality": message("Overdue sources, checks and the archive."),
    "editions": message("Ratings as published, and what differs today."),
    "downloads": message("All tables as files, with sources and licences."),
    "data-docs/": message("The result of every check of the latest loads."),
}
"""The text of a card, by the path of its page; a page that is not listed has a card with its name."""


def router(services: Services) -> APIRouter:
    """The route `/overview`; the app that includes it demands the login."""
    routes = APIRouter()

    @routes.get("/overview")
    def overview(language: Language = "en") -> HTMLResponse:
        return render("overview.html", language, page(services, language))

    return routes


def page(services: Services, language: Language) -> dict[str, Any]:
    """What the template needs; before the first load most of it is empty."""
    scheduler = services.scheduler()
    with reading(services.warehouse()) as connection:
        (contents,) = rows(connection, "web/overview_contents")
        methods = methods_as_of(connection)
        rated = rows(connection, "web/overview_ratings", **SHOWN) if methods else []
        editions = rows(connection, "web/overview_editions") if methods else []
        overdue = not_as_expected(connection, scheduler.paused, language)
        waiting = rows(connection, "web/loads_waiting", load_id=None)
        attention = {row["kind"]: row["things"] for row in rows(connection, "web/attention")}
        newest = listed(connection, "", "", 1, NEWEST)
    of_edition = {key: list(cities) for key, cities in groupby(editions, key=itemgetter("rating"))}
    ratings = [
        rating_card(methods[key], list(cities), of_edition.get(key, []), language)
        for key, cities in groupby(rated, key=itemgetter("rating"))
        if key in methods
    ]
    docs = services.data_docs().pages()
    return {
        "here": NAVIGATION.path,
        "contents": contents,
        "ratings": sorted(ratings, key=lambda rating: rating["id"] != MAIN),
        "drafts": [rating["name"] for rating in ratings if rating["status"] == "draft"],
        "waiting": [{**load, "run": run_address(load["dag_id"], load["run_id"])} for load in waiting],
        "proposed": proposed(scheduler.proposals, methods, language),
        "attention": attention,
        **overdue,
        "loads": [with_docs(load, docs) for load in newest],
        "cards": cards(language),
        "pair": ",".join(PAIR),
    }


def rating_card(
    method: Method, cities: list[dict[str, Any]], edition: list[dict[str, Any]], language: Language
) -> dict[str, Any]:
    """What the page shows of a rating.

    `leaders` are the best cities and PAIR, `movers` those whose score changed most since the year before,
    with the same inputs in both years; none if the rating is relative. `edition` holds the cities whose
    score or rank differs from the latest edition; None without one.
    """
    for row in (*cities, *edition):
        row["city"] = row["city_name_en"] and name_in(language, row, "city_name_")
    moved = sorted((city for city in cities if city["moved"]), key=lambda city: -abs(city["score_change"]))
    places = decimals([city["score"] for city in cities])
    return {
        "id": method.id,
        "name": method.name.in_language(language),
        "period": cities[0]["time_period"],
        "status": cities[0]["method_status"],
        "n_ranked": cities[0]["n_ranked"],
        "decimals": places,
        "leaders": [city for city in cities if city["leads"]],
        "relative": method.is_relative,
        "movers": []
        if method.is_relative
        else [city for city in moved if round(city["score_change"], places)],
        "compared": bool(moved),
        "edition": {**edition[0], "differing": _differing(edition, places)} if edition else None,
    }


def _differing(edition: list[dict[str, Any]], places: int) -> list[dict[str, Any]]:
    return [
        city
        for city in edition
        if city["ref_area"]
        and (
            city["rank_as_published"] != city["rank_today"]
            or (city["score_change"] is not None and round(city["score_change"], places))
        )
    ]


def cards(language: Language) -> list[dict[str, str]]:
    """A card for each other page of the menu: path, name and what it is for."""
    _ = words(language).gettext
    return [
        {
            "path": entry.path,
            "name": _(entry.name),
            "about": _(ABOUT[entry.path]) if entry.path in ABOUT else "",
        }
        for entry in navigation()
        if entry.path != NAVIGATION.path
    ]
