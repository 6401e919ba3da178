"""The page City ratings: one year of one rating as a ranked table and charts."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from sqlalchemy import Connection

from city_indicators.analytics.ratings.method import Method
from city_indicators.core.languages import Language, message, name_in, words
from city_indicators.delivery.exports.tables import reading
from city_indicators.delivery.exports.texts import meaning
from city_indicators.delivery.web.choices import chosen
from city_indicators.delivery.web.downloads import links
from city_indicators.delivery.web.labels import Labels
from city_indicators.delivery.web.long_lists import PageNumber, bounds, page_read
from city_indicators.delivery.web.pages import NavigationEntry, Services
from city_indicators.delivery.web.quality import by_pause, in_words
from city_indicators.delivery.web.render import render
from city_indicators.reports.past import methods_as_of
from city_indicators.warehouse.database import rows

# The rating that the page shows by default.
MAIN: Final = "climate_world"

PAIR: Final = ("moscow", "guangzhou")
"""The cities of the two institutes, which overviews always show."""

NAVIGATION: Final = NavigationEntry(10, message("City ratings"), "ratings", "city-ratings")


def router(services: Services) -> APIRouter:
    """The route `/ratings`; the app that includes it demands the login."""
    routes = APIRouter()

    @routes.get("/ratings")
    def city_ratings(
        rating: str | None = None,
        period: str | None = None,
        language: Language = "en",
        group: str | None = None,
        text: str = "",
        number: PageNumber = 1,
    ) -> HTMLResponse:
        return render(
            "ratings.html", language, page(services, rating, period, Cities(group, text, number), language)
        )

    return routes


@dataclass(frozen=True)
class Cities:
    """The cities that a reader wants: of a group, with a text in their name, a page of them."""

    group: str | None = None
    text: str = ""
    page: int = 1


def page(
    services: Services, rating: str | None, period: str | None, wanted: Cities, language: Language
) -> dict[str, Any]:
    """What the template needs. The default period is the latest one with ranks.

    Before the first refresh there is only `ratings`, which is empty.

    Raises:
        HTTPException: there is no such rating or page.
    """
    with reading(services.warehouse()) as connection:
        methods = methods_as_of(connection)
        if not methods:
            return {"ratings": {}}
        main = MAIN if MAIN in methods else next(iter(methods))
        method = methods[chosen("rating", dict.fromkeys(methods, ""), rating, main)]
        periods = years_of(connection, method.id)
        shown = period if period in periods else next(iter(periods), None)
        key = {"rating": method.id, "period": shown}
        table = _table(connection, method, key, wanted, language)
        overdue = rows(connection, "web/overdue_sources", **key)
        outside = rows(connection, "web/outside_bounds", **key)
        labels = Labels(connection, language)
    of_year = [f"rating={method.id}", f"time_period={shown}"]
    return {
        **table,
        "ratings": {each.id: each.name.in_language(language) for each in methods.values()},
        "rating": method.id,
        "method": method,
        "method_name": method.name.in_language(language),
        "parts": parts_of(method, labels, language),
        "periods": {each: each for each in periods},
        "period": shown,
        "groups": {"": words(language).gettext("all cities")}
        | {each: labels("city_groups", each) for each in table["groups"]},
        "key": {"rating": method.id, "time_period": shown},
        # A workbook also contains the pillars and indicators.
        "downloads": links("report.rating", language, of_year, ["csv"])
        | links("ratings", language, of_year, ["xlsx"]),
        "outside": _outside(outside, method, labels, language),
        **by_pause(_named(in_words(overdue, language), labels), services.scheduler().paused),
        "here": "ratings",
        "text": wanted.text,
    }


def _table(
    connection: Connection, method: Method, key: dict[str, Any], wanted: Cities, language: Language
) -> dict[str, Any]:
    """The ranked cities of a page and the first unranked ones, and how many there are of both.

    `place` is that within the group, `ranks` counts its ranked cities.

    Raises:
        HTTPException: there is no such page.
    """
    (every,) = rows(connection, "web/rating_counts", **key, group="")
    group = wanted.group if wanted.group in every["city_groups"] else ""
    counts = rows(connection, "web/rating_counts", **key, group=group)[0] if group else every
    cities = rows(
        connection,
        "web/rating_page",
        **key,
        group=group,
        words=wanted.text.split(),
        language=language,
        **bounds(wanted.page),
    )
    ranked = [city for city in cities if city["rank"]]
    unranked = [city for city in cities if not city["rank"]]
    listed = page_read(ranked, wanted.page, ranked[0]["found"] if ranked else 0)
    shown = [city["ref_area"] for city in ranked]
    found = rows(connection, "web/rating_parts", **key, cities=shown)
    return {
        "groups": every["city_groups"],
        "group": group,
        "score_decimals": decimals([counts["largest_score"] or 0]),
        "intervals": counts["intervals"],
        "ranks": counts["ranked"],
        "listed": listed,
        "ranked": _rows(ranked, found, method, language),
        "unranked": _rows(unranked, [], method, language),
        "not_ranked": unranked[0]["found"] if unranked else 0,
    }


def _outside(
    found: list[dict[str, Any]], method: Method, labels: Labels, language: Language
) -> list[dict[str, Any]]:
    """Statistics with `of`: the names of the parts that they are of, or of the pillar, or of the method."""
    names = _pillar_names(method, language)

    def of(row: dict[str, Any]) -> list[str]:
        parts = [part for part in (row["part"], row["other"]) if part] or [row["pillar"]]
        return [names.get(part) or labels("indicator", part) for part in parts]

    return [{**row, "of": of(row)} for row in found]


def _named(overdue: list[dict[str, Any]], labels: Labels) -> list[dict[str, Any]]:
    return [
        {**each, "indicator_names": [labels("indicator", indicator) for indicator in each["indicators"]]}
        for each in overdue
    ]


def years_of(connection: Connection, rating: str) -> list[str]:
    """The years of a rating that have a page, the latest first."""
    return [row["time_period"] for row in rows(connection, "web/periods", rating=rating)]


def decimals(scores: list[float]) -> int:
    """The decimals of scores: one, or enough for three significant digits of small scores."""
    largest = max(map(abs, scores), default=0)
    return max(1, 2 - math.floor(math.log10(largest))) if largest else 1


def parts_of(method: Method, labels: Labels, language: Language) -> list[dict[str, str]]:
    """The pillars and indicators at the root of a method, and the report table of each."""
    pillars = [("pillar", pillar.id, pillar.name.in_language(language)) for pillar in method.pillars]
    indicators = [("indicator", each.id, labels("indicator", each.id)) for each in method.indicators]
    return [{"id": part, "name": name, "kind": kind} for kind, part, name in [*pillars, *indicators]]


def _rows(
    cities: Sequence[dict[str, Any]], found: list[dict[str, Any]], method: Method, language: Language
) -> list[dict[str, Any]]:
    """A row of the table for each city, with its parts by their id."""
    of_city: dict[str, dict[str, Any]] = {}
    for part in found:
        of_city.setdefault(part["ref_area"], {})[part["part"]] = part
    return [_row(city, of_city.get(city["ref_area"], {}), method, language) for city in cities]


def _row(city: dict[str, Any], parts: dict[str, Any], method: Method, language: Language) -> dict[str, Any]:
    return {
        **city,
        "city": name_in(language, city, "city_name_"),
        "country": name_in(language, city, "country_name_"),
        "parts": parts,
        "reason": reason(city["reason_code"], method, language),
    }


def reason(code: str | None, method: Method, language: Language) -> str:
    """The label of a reason code, with the name of its pillar."""
    if not code:
        return ""
    kind, colon, pillar_id = code.partition(":")
    names = _pillar_names(method, language)
    return meaning("reason_code", f"{kind}{colon}{names.get(pillar_id, pillar_id)}", language) or code


def _pillar_names(method: Method, language: Language) -> dict[str, str]:
    return {pillar.id: pillar.name.in_language(language) for pillar in method.root.below()}
