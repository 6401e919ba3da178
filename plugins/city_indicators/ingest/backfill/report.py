"""The plan of a backfill as people read it, and as other tasks do."""

from datetime import timedelta
from typing import Any

from city_indicators.core.intervals import Interval
from city_indicators.core.markdown import table
from city_indicators.ingest import replay
from city_indicators.ingest.backfill.collect import Collected
from city_indicators.ingest.backfill.plan import Cost, Plan, PlannedRun
from city_indicators.ingest.backfill.requests import asks

ALL_SKIPPED = "every run will be skipped unless the source has changed: the warehouse holds what it serves"
LEFT = {"nothing": "nothing while the source has not changed", "replay": "replay", "fetch": "fetch"}


def markdown(collect: Collected) -> str:
    """The plan as Markdown: its cost, a line for each interval, what a replay of the archive would change."""
    plan = collect.plan
    lines = [
        f"### Backfill of {plan.source.id}: {len(plan.runs)} intervals, "
        f"{plan.span.start} to {plan.span.end} (excluded)",
        "",
        *_skipped(plan),
        f"- left to do: nothing for {plan.count('nothing')}, a replay of the archive, without a fetch, for "
        f"{plan.count('replay')}, a fetch for {plan.count('fetch')}",
        f"- requests: {_cost(plan, plan.least)} if the source serves what is loaded; "
        f"{_cost(plan, plan.most)} if all must be fetched",
        f"- limits: {_limits(plan)}",
        f"- runs at a time: {plan.runs_at_once}, as many as the host bears requests",
        "",
        *table(
            ["interval", "left to do", "archive", "fetched", "observations held", "requests at most"],
            [_line(run, asks(plan.source)) for run in plan.runs],
        ),
        "",
        *_replay(collect),
        *(f"- cannot be replayed: {told}" for told in collect.unreadable),
    ]
    return "\n".join(lines).rstrip()


def summary(collect: Collected) -> dict[str, Any]:
    """The plan in observations that can travel through XCom; seconds are None without a limit."""
    plan = collect.plan
    return {
        "source": plan.source.id,
        "start": plan.span.start.isoformat(),
        "end": plan.span.end.isoformat(),
        "last": plan.runs[-1].interval.start.isoformat(),
        "intervals": len(plan.runs),
        "fetch": plan.count("fetch"),
        "replay": plan.count("replay"),
        "nothing": plan.count("nothing"),
        "observations": sum(run.observations for run in plan.runs),
        "least": _observations(plan.least),
        "most": _observations(plan.most),
        "at_least": plan.at_least,
        "runs_at_once": plan.runs_at_once,
        "replay_would_change": sum(comparison.differs for comparison in collect.comparisons),
    }


def _observations(cost: Cost) -> dict[str, Any]:
    seconds = None if cost.time is None else round(cost.time.total_seconds())
    return {"requests": cost.requests, "calls": round(cost.calls), "seconds": seconds}


def _skipped(plan: Plan) -> list[str]:
    """That nothing is left to do, which nobody sees of green runs, and how to load it all the same."""
    if plan.count("nothing") < len(plan.runs):
        return []
    days = f"--from-date {plan.span.start} --to-date {plan.runs[-1].interval.start}"
    anew = "--reprocess-behavior completed --dag-run-conf '{\"reload\": true}'"
    return [
        f"**{ALL_SKIPPED.capitalize()}.** To load it all the same:",
        "",
        "```",
        f"airflow backfill create --dag-id {plan.source.dag_id} {days} {anew}",
        "```",
        "",
    ]


def _replay(collect: Collected) -> list[str]:
    if not collect.comparisons:
        return ["The archive holds no load of these intervals that could be replayed."]
    told = replay.report(collect.plan.source.id, (each.to_json() for each in collect.comparisons))
    return [*told.splitlines(), ""]


def _line(run: PlannedRun, told: int) -> list[object]:
    loads = ", ".join(f"load {each.load_id}" for each in run.archived)
    fetched = max((each.fetched_at for each in run.archived), default=None)
    return [
        _span(run.interval),
        LEFT[run.does],
        loads or "–",
        f"{fetched:%Y-%m-%d}" if fetched else "–",
        run.observations,
        f"{'at least ' if run.wanted.at_least else ''}{told + len(run.wanted.calls)}",
    ]


def _span(interval: Interval) -> str:
    (first, *_), last = interval.years, interval.years[-1]
    whole = (interval.start.month, interval.start.day, interval.end.month, interval.end.day) == (1, 1, 1, 1)
    if not whole:
        return f"{interval.start} to {interval.end}"
    return str(first) if first == last else f"{first}–{last}"


def _cost(plan: Plan, cost: Cost) -> str:
    at_least = "at least " if plan.at_least else ""
    calls = f" ({cost.calls:.0f} calls)" if plan.source.quota else ""
    time = "as fast as it answers" if cost.time is None else f"{_time(cost.time)} by the limits"
    return f"{at_least}{cost.requests}{calls}, {time}"


def _time(time: timedelta) -> str:
    return str(timedelta(seconds=round(time.total_seconds())))


def _limits(plan: Plan) -> str:
    source = plan.source
    told = [f"requests a second: {source.limits.per_second:g}"] if source.limits.per_second else []
    told += [f"requests a minute: {source.limits.per_minute:g}"] if source.limits.per_minute else []
    if source.quota:
        calls = ", ".join(f"{calls} in {minutes} minutes" for minutes, calls in source.quota.calls.items())
        told += [
            f"calls of the account {source.quota.account}: {calls}; "
            f"{sum(slot.calls for slot in plan.taken):.0f} of them taken"
        ]
    return "; ".join(told) or "none declared"
