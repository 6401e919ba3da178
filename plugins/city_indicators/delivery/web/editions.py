"""The page Editions: the published editions, and their scores with today's data."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

import pandas as pd
from fastapi import APIRouter, HTTPException
from fastapi.responses import HTMLResponse
from sqlalchemy import Connection, Engine

from city_indicators.analytics.ratings.method import Method
from city_indicators.core.languages import Language, languages, message, name_in, words
from city_indicators.core.runs import run_address
from city_indicators.delivery.charts import editions as drawn
from city_indicators.delivery.charts.style import Caption
from city_indicators.delivery.documents.declaration import Declaration, load_document
from city_indicators.delivery.documents.declaration import documents as declared_documents
from city_indicators.delivery.exports.tables import reading
from city_indicators.delivery.exports.texts import meaning
from city_indicators.delivery.web.charts import Chart, Drawing, Parameters, lineage_address, sources_line
from city_indicators.delivery.web.downloads import links
from city_indicators.delivery.web.pages import NavigationEntry, Proposal, Services
from city_indicators.delivery.web.render import render
from city_indicators.reports.past import methods_as_of
from city_indicators.warehouse.database import rows

NAVIGATION: Final = NavigationEntry(20, message("Editions"), "editions", "editions")


def router(services: Services) -> APIRouter:
    """The route `/editions`; the app that includes it demands the login."""
    routes = APIRouter()

    @routes.get("/editions")
    def editions(
        rating: str | None = None, edition: str | None = None, language: Language = "en"
    ) -> HTMLResponse:
        warehouse = services.warehouse()
        with reading(warehouse) as connection:
            methods = methods_as_of(connection)
            every = published(connection, methods, language)
        if rating is None and edition is None:
            waiting = proposed(services.scheduler().proposals, methods, language)
            content = {"here": "editions", "editions": every, "proposed": waiting}
            return render("editions.html", language, content)
        for each in every:
            if (each["rating"], each["edition"]) == (rating, edition):
                return render("edition.html", language, page(warehouse, each, language))
        raise HTTPException(
            404, f"there is no edition {edition} of {rating}. Next step: choose one in Editions"
        )

    return routes


def published(
    connection: Connection, methods: Mapping[str, Method], language: Language
) -> list[dict[str, Any]]:
    """The rows of report.edition, the latest first, each with the `name` of its rating."""
    return [
        {**each, "name": _name(each["rating"], methods, language)}
        for each in rows(connection, "web/editions")
    ]


def proposed(
    proposals: Iterable[Proposal], methods: Mapping[str, Method], language: Language
) -> list[dict[str, Any]]:
    """Editions that wait for approval, each with the `name` of its rating and the address of its `run`."""
    return [
        {
            "title": each.title,
            "name": _name(each.rating, methods, language),
            "year": each.year,
            "run": run_address(each.dag_id, each.run_id),
        }
        for each in proposals
    ]


def _name(rating: str, methods: Mapping[str, Method], language: Language) -> str:
    return methods[rating].name.in_language(language) if rating in methods else rating


def page(warehouse: Engine, edition: dict[str, Any], language: Language) -> dict[str, Any]:
    """What the template of one edition needs: metadata, downloads, and the cities as published and today."""
    key = {name: edition[name] for name in ("rating", "edition")}
    with reading(warehouse) as connection:
        cities = rows(connection, "web/edition_diff", **key)
        kept = rows(connection, "documents/of_edition", **key)
    for city in cities:
        city["city"] = name_in(language, city, "city_name_")
        for column in ("appeared_with", "disappeared_with"):
            city[column] = city[column] and meaning(column, city[column], language)
    return {
        "here": "editions",
        "edition": edition,
        "key": key,
        "cities": cities,
        "documents": documents(kept, language),
        "downloads": links("edition", language, [f"{name}={value}" for name, value in key.items()]),
    }


def documents(kept: list[dict[str, Any]], language: Language) -> dict[str, dict[str, list[dict[str, Any]]]]:
    """The files of each document by its title and the name of their language."""
    declared = [load_document(name) for name in declared_documents()]
    found: dict[str, dict[str, list[dict[str, Any]]]] = {}
    for row in kept:
        title = _title(row["document"], declared, language)
        found.setdefault(title, {}).setdefault(languages()[row["language"]], []).append(row)
    return found


def _title(name: str, declared: list[Declaration], language: str) -> str:
    """The title of a document by its name; that of a best practice has its id."""
    for each in declared:
        title = each.title.in_language(language)
        if name == each.id:
            return title
        if each.of == "case" and name.startswith(f"{each.id}-"):
            return f"{title} ({name.removeprefix(f'{each.id}-')})"
    # A document that is not declared any more stays with its edition.
    return name


def then_and_now(connection: Connection, language: Language, parameters: Parameters) -> Drawing | None:
    """The scores of an edition as published and today."""
    key = {name: parameters.get(name, "") for name in ("rating", "edition")}
    found = pd.DataFrame(rows(connection, "web/edition_diff", **key))
    method = methods_as_of(connection).get(key["rating"])
    if found.empty:
        return None
    _ = words(language).gettext
    period = str(found["time_period"].iloc[0])
    shown = pd.DataFrame(
        {
            "city": [name_in(language, row, "city_name_") for row in found.to_dict("records")],
            "published": found["score_as_published"].astype(float),
            "today": found["score_today"].astype(float),
            "rank_published": found["rank_as_published"].astype(float),
            "rank_today": found["rank_today"].astype(float),
            "link": [_lineage(key["rating"], period, city, language) for city in found["ref_area"]],
        }
    )
    shown["change"] = shown["today"] - shown["published"]
    texts = {
        "score": _("Score"),
        "published": _("As published"),
        "today": _("Today"),
        "change": _("Change"),
        "rank_published": _("Rank as published"),
        "rank_today": _("Rank today"),
    }
    name = method.name.in_language(language) if method else key["rating"]
    title = _("%(name)s %(year)s, edition %(edition)s") % {
        "name": name,
        "year": period,
        "edition": key["edition"],
    }
    sources = rows(connection, "web/rating_sources", rating=key["rating"], period=period)
    described = _("Scores in points, as published and with today's data, method and cities")
    caption = Caption(title, described, sources_line(sources, language))
    return Drawing(shown, caption, lambda width: drawn.then_and_now(shown, texts, caption, width))


def _lineage(rating: str, period: str, city: str, language: str) -> str:
    return lineage_address("rating", {"rating": rating, "time_period": period, "ref_area": city}, language)


CHARTS: Final[dict[str, Chart]] = {"edition": then_and_now}
