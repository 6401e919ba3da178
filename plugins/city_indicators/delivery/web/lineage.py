"""The lineage page: from a value of a report to the source file it came from."""

import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import HTMLResponse
from psycopg.errors import RaiseException
from sqlalchemy import Connection
from sqlalchemy.exc import DatabaseError

from city_indicators.core.archive import Archive
from city_indicators.core.errors import ArchiveError, SourceContractError
from city_indicators.core.languages import Language
from city_indicators.core.runs import run_address
from city_indicators.core.snapshots import Snapshot
from city_indicators.delivery.exports.tables import reading
from city_indicators.delivery.web.labels import Labels
from city_indicators.delivery.web.pages import Services
from city_indicators.delivery.web.render import render
from city_indicators.ingest.validation.data_docs import page_of_load
from city_indicators.intake.submissions.file import lines
from city_indicators.intake.submissions.form import SOURCE
from city_indicators.reports.past import methods_as_of
from city_indicators.warehouse.database import rows

OF_A_CITY: Final = ("rating", "rating_history", "rating_pillar", "rating_indicator")
"""The tables with the scores of a city in a rating."""


def router(services: Services) -> APIRouter:
    """The route `/lineage/{table}`; the app that includes it demands the login."""
    routes = APIRouter()

    @routes.get("/lineage/{table}")
    def lineage(table: str, request: Request, language: Language = "en") -> HTMLResponse:
        key = {column: value for column, value in request.query_params.items() if column != "language"}
        content = page(services, table, key, language)
        return render("lineage.html", language, content)

    return routes


def page(services: Services, table: str, key: dict[str, str], language: Language) -> dict[str, Any]:
    """What the template needs: the observations that the row of `table` with the given `key` is made from.

    Each has `docs`, the page of its load, None if the Data Docs no longer have it, `run`, the address of its
    run in Airflow's UI, `used`, what the rating made of it, None if the row is of no city in a rating, and
    `form`, the cells of its row in the form that a city submitted, empty if the form is lost, None if it is
    from no form.

    Raises:
        HTTPException: there is no such table or row.
    """
    with reading(services.warehouse()) as connection:
        try:
            observations = rows(connection, "web/lineage", report_table=table, key=json.dumps(key))
        except DatabaseError as error:
            if not isinstance(error.orig, RaiseException):
                raise
            raise HTTPException(404, reason(error.orig)) from error
        if not observations:
            raise HTTPException(404, f"no observation was used for {table} {key}")
        cities = rows(connection, "web/city", ref_area=key.get("ref_area"))
        labels = Labels(connection, language)
        used = _used(connection, key) if table.removeprefix("report.") in OF_A_CITY else {}
        methods = methods_as_of(connection) if "rating" in key else {}
    _complete(observations, used, services)
    return {
        "root": "../",
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


def reason(refusal: RaiseException) -> str:
    """Why the warehouse has no lineage of a row, with its hint."""
    parts = (refusal.diag.message_primary, refusal.diag.message_hint)
    return ". ".join(part for part in parts if part)


def _complete(
    observations: list[dict[str, Any]], used: dict[str, dict[str, Any]], services: Services
) -> None:
    """Add what the page shows of each observation beside its row of the warehouse."""
    built = services.data_docs().pages()
    forms = _forms(services.archive, observations)
    for observation in observations:
        docs = page_of_load(observation["load_id"])
        of_form = observation["source"] == SOURCE
        observation["form"] = (
            forms.get((observation["sha256"], observation["pointer"]), {}) if of_form else None
        )
        observation["used"] = used.get(observation["indicator"])
        observation["docs"] = docs if docs in built else None
        observation["run"] = run_address(observation["dag_id"], observation["run_id"])


def _forms(
    archive: Callable[[], Archive], observations: list[dict[str, Any]]
) -> dict[tuple[str, str], dict[str, str]]:
    """The cells of the rows of all forms, by the SHA-256 of the form and the pointer of the row."""
    forms = {row["sha256"]: row for row in observations if row["source"] == SOURCE}
    found = {}
    for sha256, row in forms.items():
        snapshot = Snapshot(SOURCE, row["url"], sha256, row["byte_count"], "", row["fetched_at"])
        # The page is shown without them if the form is lost, or an earlier release read forms otherwise.
        with suppress(ArchiveError, SourceContractError):
            for line in lines(snapshot, archive().read(sha256)):
                found[sha256, line.pointer] = line.cells
    return found


def _used(connection: Connection, key: dict[str, str]) -> dict[str, dict[str, Any]]:
    """The goalposts, points and weight of each indicator in the score of a city."""
    of_city = {"rating": key["rating"], "period": key["time_period"], "ref_area": key["ref_area"]}
    found = rows(connection, "web/method_values", **of_city)
    return {row["indicator"]: row for row in found if row["normalised"] is not None}
