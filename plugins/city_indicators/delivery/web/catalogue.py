"""The pages Catalogue: all indicators and sources, and what one source gives."""

from typing import Any, Final

from fastapi import APIRouter, HTTPException
from fastapi.responses import HTMLResponse
from sqlalchemy import Engine

from city_indicators.core.languages import Language, message, name_in
from city_indicators.delivery.exports.tables import reading
from city_indicators.delivery.web.choices import holds
from city_indicators.delivery.web.labels import Labels
from city_indicators.delivery.web.pages import NavigationEntry, Services
from city_indicators.delivery.web.render import render
from city_indicators.ingest.validation.data_docs import page_of_load
from city_indicators.ingest.validation.data_docs_site import Site
from city_indicators.warehouse.database import rows

NAVIGATION: Final = NavigationEntry(25, message("Data catalogue"), "catalogue")


def router(services: Services) -> APIRouter:
    """The routes below `/catalogue`; the app that includes it demands the login."""
    routes = APIRouter()

    @routes.get("/catalogue")
    def catalogue(text: str = "", language: Language = "en") -> HTMLResponse:
        content = page(services.warehouse(), text, language)
        return render("catalogue.html", language, content)

    @routes.get("/catalogue/{source}")
    def of_source(source: str, language: Language = "en") -> HTMLResponse:
        content = source_page(services.warehouse(), source, services.data_docs(), language)
        return render("source.html", language, content)

    return routes


def page(warehouse: Engine, text: str, language: Language) -> dict[str, Any]:
    """What the template needs: the indicators and sources with a text in them; all if it is empty."""
    with reading(warehouse) as connection:
        labels = Labels(connection, language)
        indicators = rows(connection, "web/catalogue_indicators")
        sources = rows(connection, "web/catalogue_sources")
    for row in indicators:
        row["name"] = labels("indicator", row["indicator"])
        row["definition"] = name_in(language, row, prefix="definition_")
        row["pillar_name"] = labels("pillar", row["pillar"])
    shown = ("name", "indicator", "pillar_name", "definition")
    described = ("name", "source", "publisher", "licence", "attribution")
    return {
        "here": "catalogue",
        "text": text,
        "labels": labels,
        "all_indicators": len(indicators),
        "all_sources": len(sources),
        "indicators": sorted(
            (row for row in indicators if holds(text, (row[column] for column in shown))),
            key=lambda row: (row["pillar_name"], row["name"]),
        ),
        "sources": [row for row in sources if holds(text, (row[column] for column in described))],
    }


def source_page(warehouse: Engine, source: str, data_docs: Site, language: Language) -> dict[str, Any]:
    """What the template needs: a source, its indicators, latest loads and rejections.

    Raises:
        HTTPException: 404, the catalogue has no such source.
    """
    with reading(warehouse) as connection:
        found = [row for row in rows(connection, "web/catalogue_sources") if row["source"] == source]
        if not found:
            raise HTTPException(
                404, f"there is no source {source!r}. Next step: choose one in Data catalogue"
            )
        indicators = rows(connection, "web/source_indicators", source=source)
        rejections = rows(connection, "web/source_rejections", source=source)
        loads = rows(connection, "web/latest_loads_of_source", source=source)
        labels = Labels(connection, language)
    documented = data_docs.pages()
    for load in loads:
        address = page_of_load(load["load_id"])
        load["page"] = address if address in documented else None
    return {
        "root": "../",
        "here": "catalogue",
        "source": found[0],
        "indicators": indicators,
        "rejections": rejections,
        "loads": loads,
        "labels": labels,
    }
