"""Stores the plan of a backfill in the warehouse, where its page shows it."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection

from city_indicators.core.intervals import Interval
from city_indicators.ingest.backfill.collect import Collected
from city_indicators.ingest.backfill.plan import Cost, Plan, PlannedRun
from city_indicators.ingest.backfill.requests import revision_requests
from city_indicators.ingest.replay import Batch, Comparison
from city_indicators.warehouse.database import statement
from city_indicators.warehouse.ledger import Run

Row = dict[str, Any]


def record(connection: Connection, collected: Collected, run: Run, reprocess: str, *, dry_run: bool) -> int:
    """Store a plan with its intervals and replays; returns its backfill_plan_id.

    A run that plans again replaces its plan, which keeps its number. `reprocess` and `dry_run` are those of
    the form.
    """
    plan = collected.plan
    form = {"dag_id": run.dag_id, "run_id": run.run_id, "reprocess": reprocess, "dry_run": dry_run}
    number: int = connection.execute(statement("plan/upsert_backfill"), form | plan_row(plan)).scalar_one()
    of_plan = {"backfill_plan_id": number}
    connection.execute(statement("plan/clear_backfill"), of_plan)
    revision = revision_requests(plan.source)
    parts = {
        "plan/insert_interval": [interval_row(each, revision) for each in plan.runs],
        "plan/insert_replay": list(replay_rows(collected)),
        "plan/insert_rule": [row for each in collected.comparisons for row in rule_rows(each)],
    }
    for name, rows in parts.items():
        if rows:
            connection.execute(statement(name), [of_plan | row for row in rows])
    return number


def plan_row(plan: Plan) -> Row:
    """The row of a plan in ops.backfill_plan, without its run and its form."""
    source, quota = plan.source, plan.source.quota
    return {
        "source": source.id,
        **_days(plan.span),
        "planned_at": plan.now,
        **_cost("least", plan.least),
        **_cost("most", plan.most),
        "at_least": plan.at_least,
        "runs_at_once": plan.runs_at_once,
        "requests_per_second": source.limits.per_second,
        "requests_per_minute": source.limits.per_minute,
        "account": quota and quota.account,
        "account_limits": quota and json.dumps(quota.calls),
        "account_calls": quota and sum(slot.calls for slot in plan.taken),
    }


def interval_row(run: PlannedRun, revision_requests: int) -> Row:
    """The row of an interval in ops.backfill_plan_interval, without its plan."""
    return {
        **_days(run.interval),
        "action": run.action,
        "load_ids": [each.load_id for each in run.archived],
        "fetched_at": run.fetched_at,
        "observations": run.observations,
        "requests": revision_requests + len(run.requests.calls),
        "at_least": run.requests.at_least,
    }


def replay_rows(collected: Collected) -> Iterator[Row]:
    """The rows of archived loads in ops.backfill_plan_replay, without their plan."""
    no_changes = dict.fromkeys(("added", "revised", "withdrawn", "unchanged", "outdated"))
    for each in collected.comparisons:
        changes = asdict(each.outcome) if each.outcome else no_changes
        yield {
            **_batch(each.batch),
            "accepted_rows": each.accepted,
            **changes,
            "refusals": list(each.refusals),
            "unreadable_because": None,
        }
    for lost in collected.unreadable:
        yield {
            **_batch(lost.batch),
            "accepted_rows": None,
            **no_changes,
            "refusals": [],
            "unreadable_because": lost.reason,
        }


def rule_rows(comparison: Comparison) -> Iterator[Row]:
    """The rows of a replayed load in ops.backfill_plan_rule, without their plan."""
    of_load = {"load_id": comparison.batch.load_id, "interval_start": comparison.batch.interval.start}
    for rule, counts in comparison.rules.to_dict("index").items():
        yield {
            **of_load,
            "rule": rule,
            "rejected_before": counts["before"],
            "rejected_now": counts["now"],
            "newly_accepted": counts["accepted_now"],
            "newly_rejected": counts["newly"],
        }


def _batch(batch: Batch) -> Row:
    return {"load_id": batch.load_id, **_days(batch.interval), "fetched_at": batch.fetched_at}


def _days(interval: Interval) -> Row:
    return {"interval_start": interval.start, "interval_end": interval.end}


def _cost(name: str, cost: Cost) -> Row:
    seconds = None if cost.time is None else cost.time.total_seconds()
    return {f"{name}_requests": cost.requests, f"{name}_calls": cost.calls, f"{name}_seconds": seconds}
