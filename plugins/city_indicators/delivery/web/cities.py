"""The page Cities: all cities of the catalogue by country and group."""

from typing import Any, Final

from fastapi import APIRouter, HTTPException
from fastapi.responses import HTMLResponse
from sqlalchemy import Engine

from city_indicators.core.languages import Language, message, words
from city_indicators.delivery.exports.tables import reading
from city_indicators.delivery.web.choices import holds
from city_indicators.delivery.web.labels import Labels
from city_indicators.delivery.web.long_lists import PageNumber, page_of
from city_indicators.delivery.web.pages import NavigationEntry, Services
from city_indicators.delivery.web.ratings import MAIN
from city_indicators.delivery.web.render import render
from city_indicators.reports.past import methods_as_of
from city_indicators.warehouse.database import rows

NAVIGATION: Final = NavigationEntry(11, message("Cities"), "cities")


def router(services: Services) -> APIRouter:
    """The route `/cities`; the app that includes it demands the login."""
    routes = APIRouter()

    @routes.get("/cities")
    def cities(
        group: str = "",
        country: str = "",
        text: str = "",
        number: PageNumber = 1,
        language: Language = "en",
    ) -> HTMLResponse:
        content = page(services.warehouse(), group, country, text, number, language)
        return render("cities.html", language, content)

    return routes


def page(
    warehouse: Engine, group: str, country: str, text: str, number: int, language: Language
) -> dict[str, Any]:
    """What the template needs: a page of cities by country and name, with their latest rank in one rating.

    Raises:
        HTTPException: no city is of the group or the country, or there is no such page.
    """
    with reading(warehouse) as connection:
        methods = methods_as_of(connection)
        rating = MAIN if MAIN in methods else next(iter(methods), None)
        found = rows(connection, "web/cities", rating=rating)
        labels = Labels(connection, language)
    listed = _named(found, labels)
    everything = {"": words(language).gettext("all")}
    countries = everything | dict(
        sorted({row["country"]: row["country_name"] for row in listed}.items(), key=lambda pair: pair[1])
    )
    groups = everything | {
        each: labels("city_groups", each)
        for each in sorted({g for row in listed for g in row["city_groups"]})
    }
    for value, known, name in ((group, groups, "group"), (country, countries, "country")):
        if value not in known:
            raise HTTPException(404, f"no city is of the {name} {value!r}. Next step: choose one in Cities")
    wanted = (
        row
        for row in listed
        if (not group or group in row["city_groups"])
        and (not country or country == row["country"])
        and holds(text, (row["name"], row["country_name"]))
    )
    return {
        "labels": labels,
        "here": NAVIGATION.path,
        "countries": countries,
        "country": country,
        "groups": groups,
        "group": group,
        "rating": rating,
        "rating_name": methods[rating].name.in_language(language) if rating else None,
        "text": text,
        "any": bool(found),
        "cities": page_of(sorted(wanted, key=lambda row: (row["country_name"], row["name"])), number),
    }


def _named(found: list[dict[str, Any]], labels: Labels) -> list[dict[str, Any]]:
    """Cities with the names of the city, its country and its groups."""
    return [
        {
            **row,
            "name": labels("ref_area", row["ref_area"]),
            "country_name": labels("country", row["country"]),
            "group_names": [labels("city_groups", each) for each in row["city_groups"]],
        }
        for row in found
    ]
