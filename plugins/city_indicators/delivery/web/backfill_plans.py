"""The page Backfill plan: the plans of backfills, and what each would request and change."""

import json
from collections import Counter
from collections.abc import Mapping
from datetime import date
from typing import Any, Final

import pandas as pd
from fastapi import APIRouter, HTTPException
from fastapi.responses import HTMLResponse
from sqlalchemy import Connection, Engine

from city_indicators.catalog.source import ingest_dag
from city_indicators.core.languages import Language, message, words
from city_indicators.core.runs import run_address
from city_indicators.delivery.charts import backfills as drawn
from city_indicators.delivery.charts.style import Caption
from city_indicators.delivery.exports.tables import reading
from city_indicators.delivery.web.charts import Chart, Drawing, Parameters
from city_indicators.delivery.web.loads import A_PAGE, PageNumber, paged
from city_indicators.delivery.web.pages import NavigationEntry, Services
from city_indicators.delivery.web.render import render
from city_indicators.ingest.backfill.report import load_again
from city_indicators.warehouse.database import rows

NAVIGATION: Final = NavigationEntry(29, message("Backfill plan"), "backfill-plan")
ACTIONS: Final = {
    "fetch": message("Fetch"),
    "replay": message("Replay"),
    "nothing": message("Nothing"),
}
"""What is left to do for an interval."""


def router(services: Services) -> APIRouter:
    """The routes `/backfill-plan` and `/backfill-plan/{plan_id}`; the app demands the login."""
    routes = APIRouter()

    @routes.get("/backfill-plan")
    def plans(page: PageNumber = 1, language: Language = "en") -> HTMLResponse:
        content = listed(services.warehouse(), page, language)
        return render("backfill_plans.html", language, content)

    @routes.get("/backfill-plan/{plan_id}")
    def plan(plan_id: int, language: Language = "en") -> HTMLResponse:
        content = one_plan(services.warehouse(), plan_id, language)
        return render("backfill_plan.html", language, content)

    return routes


def listed(warehouse: Engine, page: int, language: Language) -> dict[str, Any]:
    """What the template of the list needs: one page of the plans, the newest first.

    Raises:
        HTTPException: there is no such page.
    """
    with reading(warehouse) as connection:
        found = rows(connection, "web/backfill_plans", count=A_PAGE, skip=(page - 1) * A_PAGE)
    return {
        "here": NAVIGATION.path,
        "plans": [{**row, "run": run_address(row["dag_id"], row["run_id"])} for row in found],
        "actions": actions(language),
        **paged(found, page, A_PAGE, "Backfill plan"),
    }


def one_plan(warehouse: Engine, plan_id: int, language: Language) -> dict[str, Any]:
    """What the template of a plan needs: its cost, its intervals, its replays, and the commands to go on.

    Raises:
        HTTPException: there is no such plan.
    """
    with reading(warehouse) as connection:
        plan = plan_of(connection, plan_id)
        intervals = rows(connection, "web/backfill_plan_intervals", backfill_plan_id=plan_id)
        replays = rows(connection, "web/backfill_plan_replays", backfill_plan_id=plan_id)
        rules = rows(connection, "web/backfill_plan_rules", backfill_plan_id=plan_id)
    archived = {load_id for each in intervals for load_id in each["load_ids"]}
    last, dag_id = intervals[-1]["interval_start"], ingest_dag(plan["source"])
    return {
        "root": "../",
        "here": NAVIGATION.path,
        "plan": plan,
        "run": run_address(plan["dag_id"], plan["run_id"]),
        "dag_id": dag_id,
        "actions": actions(language),
        "counts": Counter(each["action"] for each in intervals),
        "intervals": intervals,
        "replays": replays,
        "unchanged": sorted(archived - {each["load_id"] for each in replays}),
        "rules": rules,
        "start": start_command(plan, last),
        "load_again": load_again(dag_id, plan["interval_start"], last),
    }


def plan_of(connection: Connection, plan_id: int) -> dict[str, Any]:
    """A plan of a backfill.

    Raises:
        HTTPException: there is no such plan.
    """
    found = rows(connection, "web/backfill_plan", backfill_plan_id=plan_id)
    if not found:
        raise HTTPException(
            404, f"there is no backfill plan {plan_id}. Next step: choose one in Backfill plan"
        )
    return found[0]


def actions(language: Language) -> dict[str, str]:
    """The labels of actions by their codes."""
    return {action: words(language).gettext(name) for action, name in ACTIONS.items()}


def start_command(plan: Mapping[str, Any], last: date) -> str:
    """The command that plans the same intervals again and starts their backfill."""
    form = {
        "source": plan["source"],
        "from": str(plan["interval_start"]),
        "to": str(last),
        "reprocess": plan["reprocess"],
        "dry_run": False,
    }
    return f"airflow dags trigger {plan['dag_id']} --conf '{json.dumps(form)}'"


def intervals_of_plan(connection: Connection, language: Language, parameters: Parameters) -> Drawing | None:
    """The intervals of a plan by what is left to do; each leads to the newest load that the archive has."""
    number = parameters.get("plan", "")
    if not number.isdecimal():
        return None
    plan = plan_of(connection, int(number))
    found = pd.DataFrame(rows(connection, "web/backfill_plan_intervals", backfill_plan_id=int(number)))
    shown = pd.DataFrame(
        {
            "first": found["interval_start"].astype(str),
            "last": found["interval_end"].astype(str),
            "action": found["action"],
            "observations": found["observations"],
            "requests": found["requests"],
            "link": [f"loads/{max(ids)}?language={language}" if ids else "" for ids in found["load_ids"]],
        }
    )
    _ = words(language).gettext
    texts = {
        "first": _("From"),
        "last": _("Until"),
        "observations": _("Stored observations"),
        "requests": _("Requests at most"),
    }
    title = _("Backfill plan %(id)s: %(source)s") % {"id": number, "source": plan["name"]}
    caption = Caption(title, _("Intervals by what is left to do"), [])
    names = actions(language)
    return Drawing(shown, caption, lambda width: drawn.left_to_do(shown, names, texts, caption, width))


CHARTS: Final[dict[str, Chart]] = {"backfill-plan": intervals_of_plan}
