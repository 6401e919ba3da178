"""The page City ratings: one year of one rating as a ranked table and a chart."""

from collections.abc import Callable
from typing import Any, Final

from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from sqlalchemy import URL, Engine

from city_indicators.analytics.ratings.method import Method
from city_indicators.delivery.exports.tables import reading
from city_indicators.delivery.labels import LABELS, Language
from city_indicators.delivery.web.downloads import links
from city_indicators.delivery.web.quality import in_words
from city_indicators.delivery.web.render import render
from city_indicators.reports.past import methods_as_of
from city_indicators.warehouse.database import engine, rows

# What is shown to somebody who asks for no rating in particular.
MAIN: Final = "climate_world"


def router(warehouse_url: Callable[[], URL]) -> APIRouter:
    """The route `/ratings`; the app that includes it demands the login."""
    routes = APIRouter()

    @routes.get("/ratings")
    def city_ratings(
        rating: str | None = None,
        period: str | None = None,
        language: Language = "en",
        group: str | None = None,
    ) -> HTMLResponse:
        content = page(engine(warehouse_url()), rating, period, language, group)
        return render("ratings.html", language, content)

    return routes


def page(
    warehouse: Engine, rating: str | None, period: str | None, language: Language, group: str | None
) -> dict[str, Any]:
    """What the template needs; an unknown or absent period means the latest ranked one.

    Before the first refresh there is no rating, and nothing but `ratings`, which is empty.
    """
    with reading(warehouse) as connection:
        methods = methods_as_of(connection)
        if not methods:
            return {"ratings": {}}
        method = methods.get(rating or MAIN) or next(iter(methods.values()))
        known = rows(connection, "web/periods")
        periods = [row["time_period"] for row in known if row["rating"] == method.id]
        shown = period if period in periods else next(iter(periods), None)
        cities = rows(connection, "web/rating", rating=method.id, period=shown)
        pillars = rows(connection, "web/rating_pillars", rating=method.id, period=shown)
        late = rows(connection, "web/late_sources", rating=method.id, period=shown)
    parts: dict[str, dict[str, Any]] = {}
    for pillar in pillars:
        parts.setdefault(pillar["ref_area"], {})[pillar["pillar"]] = pillar
    groups = sorted({g for city in cities for g in city["city_groups"]})
    wanted = [city for city in cities if group not in groups or group in city["city_groups"]]
    of_year = [f"rating={method.id}", f"time_period={shown}"]
    listed = [_row(city, parts[city["ref_area"]], method, language) for city in wanted]
    return {
        "ratings": {each.id: getattr(each.name, language) for each in methods.values()},
        "rating": method.id,
        "method": method,
        "method_name": getattr(method.name, language),
        "pillars": [{"id": p.id, "name": getattr(p.name, language)} for p in method.pillars],
        "periods": {each: each for each in periods},
        "period": shown,
        "groups": {"": LABELS[language]["all_cities"], **{each: each for each in groups}},
        "group": group if group in groups else "",
        "key": {"rating": method.id, "time_period": shown},
        # The sheets of a workbook hold the pillars and indicators too.
        "downloads": links("report.rating", language, of_year, ["csv"])
        | links("ratings", language, of_year, ["xlsx"]),
        "late": in_words(late, language),
        "intervals": any(row["rank_p05"] is not None for row in listed),
        "ranked": [row for row in listed if row["status"] == "ranked"],
        "unranked": [row for row in listed if row["status"] != "ranked"],
    }


def _row(city: dict[str, Any], parts: dict[str, Any], method: Method, language: Language) -> dict[str, Any]:
    return {
        **city,
        "city": city[f"city_name_{language}"],
        "country": city[f"country_name_{language}"],
        "parts": parts,
        "reason": reason(city["reason_code"], method, language),
    }


def reason(code: str | None, method: Method, language: Language) -> str:
    """A reason code in words."""
    if not code:
        return ""
    kind, _, pillar_id = code.partition(":")
    names = {pillar.id: getattr(pillar.name, language) for pillar in method.root.below()}
    return LABELS[language][kind].format(pillar=names.get(pillar_id, pillar_id))
