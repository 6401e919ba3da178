"""Reports the plan of a backfill as Markdown for people and as JSON for other tasks."""

from datetime import date, timedelta
from typing import Any

from city_indicators.core.intervals import Interval
from city_indicators.core.markdown import table
from city_indicators.ingest import replay
from city_indicators.ingest.backfill.collect import Collected
from city_indicators.ingest.backfill.plan import Cost, Plan, PlannedRun
from city_indicators.ingest.backfill.requests import revision_requests

ALL_SKIPPED = (
    "every run will be skipped unless the source has changed: the warehouse already stores this revision"
)
ACTIONS = {"nothing": "nothing while the source has not changed", "replay": "replay", "fetch": "fetch"}


def markdown(collected: Collected) -> str:
    """The plan as Markdown: its cost, a row for each interval, and what a replay of the archive changes."""
    plan = collected.plan
    lines = [
        f"### Backfill of {plan.source.id}: {len(plan.runs)} intervals, "
        f"{plan.span.start} to {plan.span.end} (excluded)",
        "",
        *_skipped(plan),
        f"- left to do: nothing for {plan.count('nothing')} intervals, a replay of the archive for "
        f"{plan.count('replay')}, a fetch for {plan.count('fetch')}",
        f"- requests: {_cost(plan, plan.least)} if the source serves what is loaded; "
        f"{_cost(plan, plan.most)} if everything must be fetched",
        f"- limits: {_limits(plan)}",
        f"- runs in parallel: {plan.runs_at_once}, limited by the pool of the source's host",
        "",
        *table(
            ["interval", "left to do", "archive", "fetched", "stored observations", "requests at most"],
            [_line(run, revision_requests(plan.source)) for run in plan.runs],
        ),
        "",
        *_replay(collected),
        *(f"- cannot be replayed: load {each.batch.load_id}: {each.reason}" for each in collected.unreadable),
    ]
    return "\n".join(lines).rstrip()


def summary(plan: Plan) -> dict[str, Any]:
    """What the start of the backfill needs of its plan, JSON-serialisable for XCom."""
    return {
        "source": plan.source.id,
        "start": plan.span.start.isoformat(),
        "end": plan.span.end.isoformat(),
        "last": plan.runs[-1].interval.start.isoformat(),
        "intervals": len(plan.runs),
        "nothing": plan.count("nothing"),
        "runs_at_once": plan.runs_at_once,
    }


def load_again(dag_id: str, first: date, last: date) -> str:
    """The command that loads again all intervals that begin from `first` to `last`, even if unchanged."""
    days = f"--from-date {first} --to-date {last}"
    anew = "--reprocess-behavior completed --dag-run-conf '{\"reload\": true}'"
    return f"airflow backfill create --dag-id {dag_id} {days} {anew}"


def _skipped(plan: Plan) -> list[str]:
    """A note if nothing is left to do, with the command that loads everything again."""
    if plan.count("nothing") < len(plan.runs):
        return []
    return [
        f"**{ALL_SKIPPED.capitalize()}.** To load it again anyway:",
        "",
        "```",
        load_again(plan.source.dag_id, plan.span.start, plan.runs[-1].interval.start),
        "```",
        "",
    ]


def _replay(collected: Collected) -> list[str]:
    lines = _unchanged(collected)
    if collected.comparisons:
        text = replay.report(collected.plan.source.id, (each.to_json() for each in collected.comparisons))
        return [*lines, *text.splitlines(), ""]
    return lines or ["The archive holds no load of these intervals that can be replayed."]


def _unchanged(collected: Collected) -> list[str]:
    loads = ", ".join(str(load_id) for load_id in sorted({each.load_id for each in collected.unchanged}))
    if not loads:
        return []
    return [
        f"Loads {loads}: validated by today's declarations, rules and code, so a replay changes nothing.",
        "",
    ]


def _line(run: PlannedRun, revision_requests: int) -> list[object]:
    loads = ", ".join(f"load {each.load_id}" for each in run.archived)
    return [
        _span(run.interval),
        ACTIONS[run.action],
        loads or "–",
        f"{run.fetched_at:%Y-%m-%d}" if run.fetched_at else "–",
        run.observations,
        f"{'at least ' if run.requests.at_least else ''}{revision_requests + len(run.requests.calls)}",
    ]


def _span(interval: Interval) -> str:
    (first, *_), last = interval.years, interval.years[-1]
    is_years = (interval.start.month, interval.start.day, interval.end.month, interval.end.day) == (
        1,
        1,
        1,
        1,
    )
    if not is_years:
        return f"{interval.start} to {interval.end}"
    return str(first) if first == last else f"{first}–{last}"


def _cost(plan: Plan, cost: Cost) -> str:
    at_least = "at least " if plan.at_least else ""
    calls = f" ({cost.calls:.0f} calls)" if plan.source.quota else ""
    time = "without a rate limit" if cost.time is None else f"at least {_time(cost.time)} by the rate limits"
    return f"{at_least}{cost.requests}{calls}, {time}"


def _time(time: timedelta) -> str:
    return str(timedelta(seconds=round(time.total_seconds())))


def _limits(plan: Plan) -> str:
    source = plan.source
    limits = [f"requests a second: {source.limits.per_second:g}"] if source.limits.per_second else []
    limits += [f"requests a minute: {source.limits.per_minute:g}"] if source.limits.per_minute else []
    if source.quota:
        calls = ", ".join(f"{calls} in {minutes} minutes" for minutes, calls in source.quota.calls.items())
        limits += [
            f"calls of the account {source.quota.account}: {calls}; "
            f"{sum(slot.calls for slot in plan.taken):.0f} of them used"
        ]
    return "; ".join(limits) or "none declared"
