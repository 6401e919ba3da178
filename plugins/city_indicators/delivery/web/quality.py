"""The page Data quality: overdue sources, the load of the latest interval of each source, and the archive."""

from collections.abc import Collection, Mapping
from typing import Any, Final

import pandas as pd
from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from sqlalchemy import Connection

from city_indicators.catalog.source import ingest_dag
from city_indicators.core.languages import Language, message, words
from city_indicators.delivery.charts import loads as drawn
from city_indicators.delivery.charts.style import Caption
from city_indicators.delivery.exports.tables import reading
from city_indicators.delivery.exports.texts import meaning
from city_indicators.delivery.web.charts import Chart, Drawing, Parameters
from city_indicators.delivery.web.labels import Labels
from city_indicators.delivery.web.pages import NavigationEntry, Services
from city_indicators.delivery.web.render import render
from city_indicators.ingest.validation.data_docs import page_of_load
from city_indicators.warehouse.database import rows

CODES: Final = ("freshness", "freshness_reason")
NEVER: Final = "never_requested"
"""The reason of a source that was never requested: such a source is not overdue, its DAG was not started."""

NAVIGATION: Final = NavigationEntry(30, message("Data quality"), "quality", "data-quality")


def router(services: Services) -> APIRouter:
    """The route `/quality`; the app that includes it demands the login."""
    routes = APIRouter()

    @routes.get("/quality")
    def data_quality(language: Language = "en") -> HTMLResponse:
        return render("quality.html", language, page(services, language))

    return routes


def in_words(overdue: list[dict[str, Any]], language: Language) -> list[dict[str, Any]]:
    """Overdue sources, with the labels of their codes."""
    return [
        {**each, **{column: meaning(column, each[column], language) for column in CODES}} for each in overdue
    ]


def not_as_expected(
    connection: Connection, paused: Collection[str], language: Language
) -> dict[str, list[dict[str, Any]]]:
    """What is not as expected, by source and reason, with its `dag` and the labels of its codes.

    It is `unused` if it was never requested, `paused` if its DAG is among those, otherwise `overdue`.
    """
    found = rows(connection, "freshness/overdue")
    unused = [
        {**each, "dag": ingest_dag(each["source"])} for each in found if each["freshness_reason"] == NEVER
    ]
    requested = in_words([each for each in found if each["freshness_reason"] != NEVER], language)
    return {**by_pause(requested, paused), "unused": unused}


def by_pause(overdue: list[dict[str, Any]], paused: Collection[str]) -> dict[str, list[dict[str, Any]]]:
    """Overdue sources, each with its `dag`: `paused` if its DAG is among those, otherwise `overdue`."""
    with_dag = [{**each, "dag": ingest_dag(each["source"])} for each in overdue]
    return {
        "overdue": [each for each in with_dag if each["dag"] not in paused],
        "paused": [each for each in with_dag if each["dag"] in paused],
    }


def page(services: Services, language: Language) -> dict[str, Any]:
    """What the template needs: a row for each source with a load, those that need attention first.

    `overdue`, `paused` and `unused` are those of `not_as_expected`. `verified` is the latest verification of
    the archive, or None.
    """
    with reading(services.warehouse()) as connection:
        loads = rows(connection, "web/data_quality")
        overdue = not_as_expected(connection, services.scheduler().paused, language)
        verified = rows(connection, "archive/last_verification")
        labels = Labels(connection, language)
    docs = services.data_docs().pages()
    built = {row["load_id"]: page_of_load(row["load_id"]) for row in loads}
    return {
        "here": "quality",
        **overdue,
        "verified": verified[0] if verified else None,
        "rows": [
            {**row, "docs": built[row["load_id"]] if built[row["load_id"]] in docs else None}
            for row in sorted(loads, key=severity)
        ],
        "labels": labels,
    }


def severity(row: Mapping[str, Any]) -> tuple[bool, bool, bool, float]:
    """The order of sources: refused loads, unpublished ones, then by the share of rejected rows."""
    refused = row["state"] == "refused" and row["accepted_by"] is None
    return not refused, not row["refused"], not row["unpublished"], -(row["rejected_share"] or 0)


def loads_of_sources(connection: Connection, language: Language, _parameters: Parameters) -> Drawing | None:
    """The newest load of each interval of each source, by state."""
    found = pd.DataFrame(rows(connection, "web/source_loads"))
    if found.empty:
        return None
    _ = words(language).gettext
    shown = pd.DataFrame(
        {
            "source": found["name"],
            "first": found["interval_start"].astype(str),
            "last": found["interval_end"].astype(str),
            "state": found["state"],
            "named": [meaning("state", state, language) for state in found["state"]],
            "read": found["read_rows"],
            "rejected": found["rejected_share"].astype(float),
            "link": [f"loads/{load_id}?language={language}" for load_id in found["load_id"]],
        }
    ).sort_values(["source", "first"])
    texts = {
        "state": _("State"),
        "read": _("Rows read"),
        "rejected": _("Share rejected"),
        "first": _("From"),
        "last": _("Until"),
    }
    described = _(
        "The newest load of each interval. … is not yet published, ✕ refused; the larger a circle, the more "
        "rows were rejected"
    )
    caption = Caption(_("Loads of all sources, by the years they cover"), described, [])
    return Drawing(shown, caption, lambda width: drawn.loads_of_sources(shown, texts, caption, width))


CHARTS: Final[dict[str, Chart]] = {"source-loads": loads_of_sources}
