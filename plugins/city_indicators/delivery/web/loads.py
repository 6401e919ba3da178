"""The page Loads: the ledger of loads, and the page of each load."""

from collections.abc import Mapping
from math import ceil
from typing import Annotated, Any, Final

import pandas as pd
from fastapi import APIRouter, HTTPException, Query
from fastapi.responses import HTMLResponse
from sqlalchemy import Connection, Engine

from city_indicators.core.languages import Language, message, words
from city_indicators.core.runs import run_address
from city_indicators.delivery.exports.tables import reading
from city_indicators.delivery.exports.texts import codes, meaning
from city_indicators.delivery.web.labels import Labels
from city_indicators.delivery.web.load_changes import CONTENTS, changes_of
from city_indicators.delivery.web.pages import NavigationEntry, Services
from city_indicators.delivery.web.render import render
from city_indicators.ingest.validation.data_docs import page_of_load
from city_indicators.warehouse.database import rows, rows_of

NAVIGATION: Final = NavigationEntry(28, message("Loads"), "loads")
A_PAGE: Final = 50
"""Rows that a page of a long list has."""
SHOWN: Final = 500
"""Changed values that the page of a load has."""

PageNumber = Annotated[int, Query(ge=1)]


def router(services: Services) -> APIRouter:
    """The routes `/loads` and `/loads/{load_id}`; the app that includes them demands the login."""
    routes = APIRouter()

    @routes.get("/loads")
    def loads(
        source: str = "", state: str = "", page: PageNumber = 1, language: Language = "en"
    ) -> HTMLResponse:
        content = ledger(services, source, state, page, language)
        return render("loads.html", language, content)

    @routes.get("/loads/{load_id}")
    def load(load_id: int, rule: str = "", page: PageNumber = 1, language: Language = "en") -> HTMLResponse:
        content = one_load(services, load_id, rule, page, language)
        return render("load.html", language, content)

    return routes


def paged(found: list[dict[str, Any]], page: int, size: int, name: str) -> dict[str, int]:
    """What the template needs of one page, of `size` rows that have their total, of the list `name`.

    Raises:
        HTTPException: there is no such page.
    """
    refuse_beyond(found, page, name)
    total = found[0]["total"] if found else 0
    return {"total": total, "page": page, "last_page": last_page(total, size)}


def refuse_beyond(found: list[dict[str, Any]], page: int, name: str) -> None:
    """Refuse a page without rows, except for the first one.

    Raises:
        HTTPException: there is no such page.
    """
    if page > 1 and not found:
        raise HTTPException(404, f"there is no page {page}. Next step: open page 1 of {name}")


def last_page(total: int, size: int) -> int:
    """The number of the last page of so many rows."""
    return max(ceil(total / size), 1)


def listed(connection: Connection, source: str, state: str, page: int, count: int) -> list[dict[str, Any]]:
    """Some loads of the ledger, the newest first, each with its `run` in Airflow; empty filters take all."""
    chosen = {"source": source or None, "state": state or None, "count": count, "skip": (page - 1) * count}
    found = rows(connection, "web/loads", **chosen)
    return [{**row, "run": run_address(row["dag_id"], row["run_id"])} for row in found]


def with_docs(row: dict[str, Any], built: frozenset[str]) -> dict[str, Any]:
    """The load with `docs`, its page in the Data Docs, None if they have none."""
    page = page_of_load(row["load_id"])
    return {**row, "docs": page if page in built else None}


def ledger(services: Services, source: str, state: str, page: int, language: Language) -> dict[str, Any]:
    """What the template of the list needs: one page of the loads that the filters choose.

    Raises:
        HTTPException: there is no such source, state or page.
    """
    warehouse: Engine = services.warehouse()
    states = codes()["state"]
    if state and state not in states:
        raise HTTPException(404, f"there is no state {state!r}. Next step: choose one of {sorted(states)}")
    with reading(warehouse) as connection:
        sources = {row["source"]: row["name"] for row in rows(connection, "web/load_sources")}
        if source and source not in sources:
            raise HTTPException(
                404, f"there is no load of a source {source!r}. Next step: choose one of {sorted(sources)}"
            )
        found = listed(connection, source, state, page, A_PAGE)
    paging = paged(found, page, A_PAGE, "Loads")
    docs = services.data_docs().pages()
    _ = words(language).gettext
    return {
        "here": "loads",
        "loads": [with_docs(row, docs) for row in found],
        "filters": {"source": source, "state": state},
        "sources": {"": _("all sources")} | sources,
        "states": {"": _("all states")} | {code: meaning("state", code, language) or code for code in states},
        "any": bool(sources),
        **paging,
    }


def one_load(services: Services, load_id: int, rule: str, page: int, language: Language) -> dict[str, Any]:
    """What the template of a load needs: its changes, its rejected rows by rule, and who is to act.

    Raises:
        HTTPException: there is no such load, no such rule that rejected rows of it, or no such page.
    """
    archive = services.archive()
    with reading(services.warehouse()) as connection:
        load = load_of(connection, load_id)
        changes = changes_of(connection, archive, load, SHOWN)
        of_load = {"load_id": load_id}
        rules = {row["rule"]: row["n_rows"] for row in rows(connection, "notify/rejected_rules", **of_load)}
        rejected = _rejected(connection, load_id, rule, page, rules)
        warned = rows(connection, "web/load_warned", count=A_PAGE, **of_load)
        fetches = rows(connection, "web/load_fetches", **of_load)
        waits = bool(rows(connection, "web/loads_waiting", **of_load))
        labels = Labels(connection, language)
    of_rule = rules[rule] if rule else sum(rules.values())
    shown = rows_of(changes.rows)
    revised = {row["indicator"]: labels("indicator", row["indicator"]) for row in shown if _drawn(row)}
    return {
        "root": "../",
        "here": "loads",
        "load": with_docs(load, services.data_docs().pages()),
        "run": run_address(load["dag_id"], load["run_id"]),
        "waits": waits,
        "counts": changes.counts,
        "missing": changes.missing,
        "changes": [_with_lineage(row, load, labels) for row in shown],
        "shown": SHOWN,
        "revised": revised,
        "rules": rules,
        "rule": rule,
        "rejected": rejected,
        "page": page,
        "last_page": last_page(of_rule, A_PAGE),
        "warned": warned,
        "fetches": fetches,
        "labels": labels,
    }


def load_of(connection: Connection, load_id: int) -> dict[str, Any]:
    """A load of the ledger.

    Raises:
        HTTPException: there is no such load.
    """
    found = rows(connection, "web/load", load_id=load_id)
    if not found:
        raise HTTPException(404, f"there is no load {load_id}. Next step: choose one in Loads")
    return found[0]


def _rejected(
    connection: Connection, load_id: int, rule: str, page: int, rules: dict[str, int]
) -> list[dict[str, Any]]:
    if rule and rule not in rules:
        raise HTTPException(
            404,
            f"no row of load {load_id} was rejected by {rule!r}. Next step: choose one of {sorted(rules)}",
        )
    chosen = {"load_id": load_id, "rule": rule or None, "count": A_PAGE, "skip": (page - 1) * A_PAGE}
    found = rows(connection, "web/load_rejected", **chosen)
    refuse_beyond(found, page, f"load {load_id}")
    return found


def _drawn(row: Mapping[Any, Any]) -> bool:
    return bool(row["outcome"] == "revised" and row["unit_before"] == row["unit_after"])


def _with_lineage(row: Mapping[Any, Any], load: dict[str, Any], labels: Labels) -> Mapping[Any, Any]:
    """The changed value with `lineage` (table and key, or None), `other` changes in words, and `relative`."""
    other = [
        f"{labels(CONTENTS[part], row[f'{part}_before'])} → {labels(CONTENTS[part], row[f'{part}_after'])}"
        for part in ("unit", "status", "basis")
        if row["outcome"] == "revised" and row[f"{part}_before"] != row[f"{part}_after"]
    ]
    before, after = row["value_before"], row["value_after"]
    comparable = _drawn(row) and before
    return {
        **row,
        "lineage": lineage_of(row, load),
        "other": other,
        "relative": (after - before) / abs(before) if comparable else None,
    }


def lineage_of(row: Mapping[Any, Any], load: dict[str, Any]) -> tuple[str, dict[str, Any]] | None:
    """The table and key of a changed value's lineage; None of a value that is not in the warehouse."""
    key = {name: row[name] for name in ("ref_area", "indicator", "time_period")} | {"source": load["source"]}
    published = load["state"] == "published"
    if published and row["version"] > 1:
        return "revisions", {**key, "version": int(row["version"])}
    return ("observation", key) if published or not pd.isna(row["value_before"]) else None
