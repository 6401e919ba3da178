"""The page Cities: all cities of the catalogue by country and group."""

from collections.abc import Mapping
from operator import itemgetter
from typing import Any, Final

from fastapi import APIRouter, HTTPException
from fastapi.responses import HTMLResponse
from sqlalchemy import Engine

from city_indicators.core.languages import Language, message, words
from city_indicators.delivery.exports.tables import reading
from city_indicators.delivery.web.labels import Labels
from city_indicators.delivery.web.long_lists import PageNumber, bounds, page_read
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
        groups_of = {
            row["country"]: row["city_groups"] for row in rows(connection, "web/countries_with_cities")
        }
        labels = Labels(connection, language)
        countries, groups = _choices(groups_of, labels, language)
        for value, known, name in ((group, groups, "group"), (country, countries, "country")):
            if value not in known:
                raise HTTPException(
                    404, f"no city is of the {name} {value!r}. Next step: choose one in Cities"
                )
        found = rows(
            connection,
            "web/cities",
            rating=rating,
            language=language,
            countries=[
                each
                for each, own in groups_of.items()
                if (not group or group in own) and country in ("", each)
            ],
            words=text.split(),
            **bounds(number),
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
        "any": bool(groups_of),
        "cities": page_read(
            [_named(row, groups_of, labels) for row in found], number, found[0]["found"] if found else 0
        ),
    }


def _choices(
    groups_of: Mapping[str, list[str]], labels: Labels, language: Language
) -> tuple[dict[str, str], dict[str, str]]:
    """The countries by name and the groups by id, each after `all`; `groups_of` has the groups by country."""
    everything = {"": words(language).gettext("all")}
    named = sorted(((each, labels("country", each)) for each in groups_of), key=itemgetter(1))
    groups = sorted(set().union(*groups_of.values()))
    return everything | dict(named), everything | {each: labels("city_groups", each) for each in groups}


def _named(row: dict[str, Any], groups_of: Mapping[str, list[str]], labels: Labels) -> dict[str, Any]:
    """A city with the names of the city, its country and its groups."""
    groups = groups_of[row["country"]]
    return {
        **row,
        "city_groups": groups,
        "name": labels("ref_area", row["ref_area"]),
        "country_name": labels("country", row["country"]),
        "group_names": [labels("city_groups", each) for each in groups],
    }
