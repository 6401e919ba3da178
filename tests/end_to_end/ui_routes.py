"""Requests every route that Airflow's UI reads, as found in its bundle, from a running Airflow."""

import re
from pathlib import Path
from typing import Any

import airflow
import yaml
from airflow.api_fastapi import core_api

from city_indicators.orchestration.rest import AirflowApi

BUNDLE = Path(airflow.__file__).parent / "ui" / "dist" / "assets"
SPECS = Path(core_api.__file__).parent / "openapi"
READ = re.compile(r"method:`GET`,url:`([^`]+)`")
FILLED = re.compile(r"\{(\w+)\}")

CONFIGURATION, TASK = "/api/v2/config", "/api/v2/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}"
NOT_IN_THE_DEMO = {
    # Not exposed by default; teams require a multi-team server.
    CONFIGURATION: 403,
    f"{CONFIGURATION}/section/{{section}}/option/{{option}}": 403,
    "/ui/teams": 403,
    # Requires the token of a connection test.
    "/api/v2/connections/enqueue-test": 422,
    # Logs are stored locally.
    f"{TASK}/externalLogUrl/{{try_number}}": 400,
    # The demo has no such objects.
    "/api/v2/assets/{asset_id}/state-store/{key}": 404,
    "/api/v2/connections/{connection_id}": 404,
    "/api/v2/dags/{dag_id}/assets/{asset_id}/queuedEvents": 404,
    "/api/v2/importErrors/{import_error_id}": 404,
    "/api/v2/variables/{variable_key}": 404,
    "/ui/pending_partitioned_dag_run/{dag_id}": 404,
    f"{TASK}/listMapped": 404,
    f"{TASK}/state-store/{{key}}": 404,
    f"{TASK}/{{map_index}}/hitlDetails": 404,
    f"{TASK}/{{map_index}}/hitlDetails/tries/{{try_number}}": 404,
}
"""Routes that do not answer with 200 for a task of the demo."""
REQUIRED_OPTIONS: dict[str, dict[str, Any]] = {
    "/api/v2/dags/{dag_id}/dagRuns/{dag_run_id}/wait": {"interval": 1},
    "/ui/dependencies": {"node_id": "asset:1"},
    "/ui/dashboard/historical_metrics_data": {"start_date": "2000-01-01T00:00:00Z"},
    "/ui/calendar/{dag_id}": {
        "logical_date_gte": "2000-01-01T00:00:00Z",
        "logical_date_lte": "2100-01-01T00:00:00Z",
    },
}
"""Options that every page sends with a route."""
BY_TYPE = {"boolean": True, "string": "a"}

RUN = "/api/v2/dags/{dag_id}/dagRuns/{dag_run_id}"
POSTED: dict[str, dict[str, Any]] = {
    "/api/v2/dags/~/dagRuns/list": {},
    "/api/v2/dags/~/dagRuns/~/taskInstances/list": {},
    f"{RUN}/clear": {"dry_run": True},
    "/api/v2/dags/{dag_id}/clearTaskInstances": {"dry_run": True},
}
"""POST requests of pages that change nothing: lists, and dry runs."""


def routes() -> dict[str, list[dict[str, Any]]]:
    """Every route that the bundle reads, with the query parameters that it takes."""
    parameters: dict[str, Any] = {}
    for spec in ("_private_ui.yaml", "v2-rest-api-generated.yaml"):
        parameters |= yaml.load((SPECS / spec).read_text(encoding="utf-8"), yaml.CSafeLoader)["paths"]
    bundle = "".join(file.read_text(encoding="utf-8") for file in BUNDLE.glob("index-*.js"))
    return {
        route: [each for each in parameters[route]["get"].get("parameters", []) if each["in"] == "query"]
        for route in sorted(set(READ.findall(bundle)))
    }


def of_a_run(api: AirflowApi, dag_id: str, task_id: str) -> dict[str, Any]:
    """Values for the path parameters of routes, from the latest successful run of a DAG."""
    found = {"states": ["success"], "dag_ids": [dag_id], "order_by": "-run_after", "page_limit": 1}
    (run,) = api._call("POST", "/api/v2/dags/~/dagRuns/list", json=found)["dag_runs"]
    asset = api._call("GET", "/api/v2/assets", params={"dag_ids": dag_id})["assets"][0]
    event = api._call("GET", "/api/v2/eventLogs", params={"limit": 1})["event_logs"][0]
    return {
        "dag_id": dag_id,
        "dag_run_id": run["dag_run_id"],
        "run_id": run["dag_run_id"],
        "task_id": task_id,
        "map_index": -1,
        "try_number": 1,
        "task_try_number": 1,
        "version_number": 1,
        "xcom_key": "return_value",
        "asset_id": asset["id"],
        "event_log_id": event["event_log_id"],
        "backfill_id": 1,
        "pool_name": "default_pool",
        "section": "core",
        "option": "executor",
    }


def without_options(api: AirflowApi, filled: dict[str, Any]) -> dict[str, int]:
    """The status of every route with only its required parameters."""
    return {
        route: _status(api, route, filled, _needed(route, parameters, filled))
        for route, parameters in routes().items()
    }


def with_options(api: AirflowApi, filled: dict[str, Any]) -> dict[tuple[str, str, str], int]:
    """The status by route, option and value, for options that are a choice or a text."""
    return {
        (route, option["name"], str(value)): _status(
            api, route, filled, {**_needed(route, parameters, filled), option["name"]: value}
        )
        for route, parameters in routes().items()
        for option in parameters
        for value in _values(option, filled)
    }


def posted(api: AirflowApi, filled: dict[str, Any]) -> dict[str, int]:
    """The status by route of the POST requests of pages."""
    return {
        route: api._session.post(_address(api, route, filled), json=body, timeout=60).status_code
        for route, body in POSTED.items()
    }


def _address(api: AirflowApi, route: str, filled: dict[str, Any]) -> str:
    return api.url + FILLED.sub(lambda place: str(filled.get(place[1], 1)), route)


def _status(api: AirflowApi, route: str, filled: dict[str, Any], params: dict[str, Any]) -> int:
    return api._session.get(_address(api, route, filled), params=params, timeout=60).status_code


def _needed(route: str, parameters: list[dict[str, Any]], filled: dict[str, Any]) -> dict[str, Any]:
    of_the_run = {
        option["name"]: value
        for option in parameters
        if option.get("required")
        for value in _values(option, filled)
    }
    return of_the_run | REQUIRED_OPTIONS.get(route, {})


def _values(option: dict[str, Any], filled: dict[str, Any]) -> list[Any]:
    """The tested values of an option: every choice, or one text; none for numbers, dates and lists."""
    name, schema = option["name"], option["schema"]
    kind = next((each for each in schema.get("anyOf", [schema]) if each.get("type") != "null"), {})
    if name == "node_id":
        return [f"dag:{filled['dag_id']}", f"asset:{filled['asset_id']}"]
    if name in filled or "enum" in kind:
        return kind.get("enum") or [filled[name]]
    return [BY_TYPE[kind["type"]]] if kind.get("type") in BY_TYPE and "format" not in kind else []
