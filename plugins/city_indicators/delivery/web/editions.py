"""The page Editions: the published editions, and their scores with today's data."""

from typing import Any, Final

from fastapi import APIRouter, HTTPException
from fastapi.responses import HTMLResponse
from sqlalchemy import Engine

from city_indicators.core.languages import Language, name_in
from city_indicators.delivery.exports.tables import reading
from city_indicators.delivery.exports.texts import meaning
from city_indicators.delivery.web.downloads import links
from city_indicators.delivery.web.pages import NavigationEntry, Services
from city_indicators.delivery.web.render import render
from city_indicators.reports.past import methods_as_of
from city_indicators.warehouse.database import engine, rows

NAVIGATION: Final = NavigationEntry(2, "Editions", "editions", "editions")


def router(services: Services) -> APIRouter:
    """The route `/editions`; the app that includes it demands the login."""
    routes = APIRouter()

    @routes.get("/editions")
    def editions(
        rating: str | None = None, edition: str | None = None, language: Language = "en"
    ) -> HTMLResponse:
        warehouse = engine(services.warehouse_url())
        every = published(warehouse, language)
        if rating is None and edition is None:
            return render("editions.html", language, {"editions": every})
        for each in every:
            if (each["rating"], each["edition"]) == (rating, edition):
                return render("edition.html", language, page(warehouse, each, language))
        raise HTTPException(
            404, f"there is no edition {edition} of {rating}. Next step: choose one in Editions"
        )

    return routes


def published(warehouse: Engine, language: Language) -> list[dict[str, Any]]:
    """The rows of report.edition, the latest first, each with the `name` of its rating."""
    with reading(warehouse) as connection:
        editions = rows(connection, "web/editions")
        methods = methods_as_of(connection)
    for each in editions:
        method = methods.get(each["rating"])
        each["name"] = method.name.in_language(language) if method else each["rating"]
    return editions


def page(warehouse: Engine, edition: dict[str, Any], language: Language) -> dict[str, Any]:
    """What the template of one edition needs: metadata, downloads, and the cities as published and today."""
    key = {name: edition[name] for name in ("rating", "edition")}
    with reading(warehouse) as connection:
        cities = rows(connection, "web/edition_diff", **key)
    for city in cities:
        city["city"] = name_in(language, city, "city_name_")
        for column in ("appeared_with", "disappeared_with"):
            city[column] = city[column] and meaning(column, city[column], language)
    return {
        "edition": edition,
        "key": key,
        "cities": cities,
        "downloads": links("edition", language, [f"{name}={value}" for name, value in key.items()]),
    }
