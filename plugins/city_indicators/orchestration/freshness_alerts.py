"""Freshness alerts: overdue data by source and reason, with the next step."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import groupby
from typing import Final

from city_indicators.orchestration.notify import Message
from city_indicators.warehouse.freshness import Overdue

FILE: Final = "include/catalog/sources/{source}.yaml"
NEXT_STEPS: Final = {
    "never_requested": (
        "unpause ingest_{source} and backfill its years; "
        "if the source requires a key, enter it in its connection first"
    ),
    "never_loaded": "read why the latest runs of ingest_{source} failed or were refused",
    "never_given": f"compare the series in {FILE} with what the publisher has now",
    "not_requested": (
        "check that watch_revisions and ingest_{source} run, and read the log of their latest failure"
    ),
    "not_loaded": (
        "answer what is waiting under Required Actions, or read why the latest run of ingest_{source} failed "
        "and clear it"
    ),
    "period_missing": (
        "check whether the publisher has the year: if so, backfill it; "
        f"if it is always published later, raise `lag_days` in {FILE}"
    ),
    "not_changed": (
        "check whether the publisher has moved to another address; "
        f"if it only takes longer, raise `changed_within_days` in {FILE}"
    ),
}
"""Keyed by the codes of report.freshness.freshness_reason."""


def compose(overdue: Sequence[Overdue], ui_url: str) -> Message:
    """One message about everything newly overdue; `overdue` is ordered by source and reason.

    Raises:
        KeyError: a reason has no next step.
    """
    sources = list(dict.fromkeys(each.source for each in overdue))
    many = "1 source is" if len(sources) == 1 else f"{len(sources)} sources are"
    parts = [
        _about(list(alike)) for _, alike in groupby(overdue, key=lambda each: (each.source, each.reason))
    ]
    text = "\n\n".join([*parts, f"all sources: {ui_url}/city-indicators/quality"])
    return Message(f"watch_freshness: {many} overdue: {', '.join(sources)}", text)


def _about(alike: Sequence[Overdue]) -> str:
    from city_indicators.delivery.exports.texts import meaning

    one = alike[0]
    return "\n".join(
        [
            f"source: {one.source} ({one.source_name})",
            f"fault: {one.reason}: {meaning('freshness_reason', one.reason, 'en')}",
            *_indicators(alike),
            f"checked: {_day(one.last_requested_at)}, changed: {_day(one.last_changed_at)}, "
            f"loaded: {_day(one.last_loaded_at)}",
            f"next step: {NEXT_STEPS[one.reason].format(source=one.source)}",
        ]
    )


def _indicators(alike: Iterable[Overdue]) -> list[str]:
    return [
        f"indicator: {each.indicator}, expected {each.expected_period}, latest {each.newest_period or 'none'}"
        for each in alike
    ]


def _day(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d}" if at else "never"
