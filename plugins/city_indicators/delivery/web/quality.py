"""The page Data quality: the latest load of every source, overdue sources, and the state of the archive."""

from itertools import groupby
from operator import itemgetter
from typing import Any, Final

from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from sqlalchemy import Engine

from city_indicators.core.languages import Language
from city_indicators.delivery.exports.texts import meaning
from city_indicators.delivery.web.pages import NavigationEntry, Services
from city_indicators.delivery.web.render import render
from city_indicators.ingest.validation.data_docs import page_of_load
from city_indicators.warehouse.database import engine, rows

CODES: Final = ("freshness", "freshness_reason")

NAVIGATION: Final = NavigationEntry(3, "Data quality", "quality", "data-quality")


def router(services: Services) -> APIRouter:
    """The route `/quality`; the app that includes it demands the login."""
    routes = APIRouter()

    @routes.get("/quality")
    def data_quality(language: Language = "en") -> HTMLResponse:
        return render("quality.html", language, page(engine(services.warehouse_url()), language))

    return routes


def in_words(overdue: list[dict[str, Any]], language: Language) -> list[dict[str, Any]]:
    """Overdue sources, with the labels of their codes."""
    return [
        {**each, **{column: meaning(column, each[column], language) for column in CODES}} for each in overdue
    ]


def page(warehouse: Engine, language: Language) -> dict[str, Any]:
    """What the template needs: one row per source with a load.

    `trend` holds the loads of a source, at most ten, the oldest first; `top` is the largest rejected
    share (0 to 1) of any of them, so that the bars of all sources have one scale. `overdue` has what is
    not as expected, by source and reason. `verified` is the latest verification of the archive, or None.
    """
    with warehouse.connect().execution_options(postgresql_readonly=True) as connection:
        loads = rows(connection, "web/data_quality")
        overdue = rows(connection, "freshness/overdue")
        verified = rows(connection, "archive/last_verification")
    by_source = [list(of_source) for _, of_source in groupby(loads, key=itemgetter("source"))]
    return {
        "overdue": in_words(overdue, language),
        "verified": verified[0] if verified else None,
        "top": max((load["rejected_share"] or 0 for load in loads), default=0) or 1,
        "rows": [
            {**latest, "page": page_of_load(latest["load_id"]), "trend": [latest, *earlier][::-1]}
            for latest, *earlier in by_source
        ],
    }
