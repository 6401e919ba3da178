"""The lineage page: from a value of a report to the source file it came from."""

import json
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import HTMLResponse
from psycopg.errors import RaiseException
from sqlalchemy import Engine
from sqlalchemy.exc import DatabaseError

from city_indicators.core.languages import Language
from city_indicators.delivery.exports.tables import reading
from city_indicators.delivery.web.labels import Labels
from city_indicators.delivery.web.pages import Services
from city_indicators.delivery.web.render import render
from city_indicators.ingest.validation.data_docs import page_of_load
from city_indicators.ingest.validation.data_docs_site import Site
from city_indicators.reports.past import methods_as_of
from city_indicators.warehouse.database import engine, rows


def router(services: Services) -> APIRouter:
    """The route `/lineage/{table}`; the app that includes it demands the login."""
    routes = APIRouter()

    @routes.get("/lineage/{table}")
    def lineage(table: str, request: Request, language: Language = "en") -> HTMLResponse:
        key = {column: value for column, value in request.query_params.items() if column != "language"}
        content = page(engine(services.warehouse_url()), table, key, services.data_docs(), language)
        return render("lineage.html", language, content)

    return routes


def page(
    warehouse: Engine, table: str, key: dict[str, str], data_docs: Site, language: Language
) -> dict[str, Any]:
    """What the template needs: the observations that the row of `table` with the given `key` is made from.

    Each has `docs`, the page of its load, None if the Data Docs no longer have it, and `run`, the address
    of its run in Airflow's UI.

    Raises:
        HTTPException: there is no such table or row.
    """
    with reading(warehouse) as connection:
        try:
            observations = rows(connection, "web/lineage", report_table=table, key=json.dumps(key))
        except DatabaseError as error:
            if not isinstance(error.orig, RaiseException):
                raise
            diagnosis = error.orig.diag
            parts = (diagnosis.message_primary, diagnosis.message_hint)
            raise HTTPException(404, ". ".join(part for part in parts if part)) from error
        if not observations:
            raise HTTPException(404, f"no observation was used for {table} {key}")
        cities = rows(connection, "web/city", ref_area=key.get("ref_area"))
        labels = Labels(connection, language)
        methods = methods_as_of(connection) if "rating" in key else {}
    built = data_docs.pages()
    for observation in observations:
        docs = page_of_load(observation["load_id"])
        observation["docs"] = docs if docs in built else None
        observation["run"] = f"dags/{quote(observation['dag_id'])}/runs/{quote(observation['run_id'])}"
    return {
        "table": table,
        "key": key,
        "key_labels": [
            methods[value].name.in_language(language)
            if column == "rating" and value in methods
            else labels(column, value)
            for column, value in key.items()
        ],
        "observations": observations,
        "score": sum(observation["contribution"] or 0 for observation in observations),
        "city": cities[0]["ref_area"] if cities else None,
        "labels": labels,
    }
