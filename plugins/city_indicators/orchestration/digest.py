"""The daily digest for operators: services, loads, rejected rows, overdue sources, failed tasks."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any, Final

from sqlalchemy import Connection

from city_indicators.core.runs import run_address
from city_indicators.orchestration.notify import Message
from city_indicators.warehouse.database import rows, statement

UNHEALTHY: Final = (
    "not healthy: {}. Alerts are missing: without the triggerer those about unfinished runs, without the "
    "dag-processor those about killed tasks. Next step: check that each service is running; for the "
    "connection airflow_api, read the log of this task"
)

Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class Day:
    """What the warehouse recorded from `since` to `until`, and what is overdue now.

    Columns are those of include/sql/digest, of `overdue` those of include/sql/freshness/overdue.sql, and of
    `verified`, the latest verification of the archive, those of include/sql/archive/last_verification.sql.
    `sizes` has the columns of include/sql/digest/sizes.sql.
    """

    since: datetime
    until: datetime
    sources_checked: int
    loads: Rows
    rejected: Rows
    overdue: Rows
    failures: Rows
    verified: Rows
    sizes: dict[str, Any]


def day(connection: Connection, since: datetime, until: datetime) -> Day:
    """Read the records of a day; `until` is excluded."""
    span = {"since": since, "until": until}
    return Day(
        since,
        until,
        connection.execute(statement("digest/sources_checked"), span).scalar_one(),
        rows(connection, "digest/loads", **span),
        rows(connection, "digest/rejected", **span),
        rows(connection, "freshness/overdue"),
        rows(connection, "digest/failures", **span),
        rows(connection, "archive/last_verification"),
        rows(connection, "digest/sizes", until=until)[0],
    )


def compose(known: Day, unhealthy: Sequence[str], ui_url: str) -> Message:
    """The digest of a day, and of the services that are unhealthy now.

    It is also composed for a quiet day, so that a missing digest means a fault.
    """
    loads = sum(each["published"] + each["refused"] + each["waiting"] for each in known.loads)
    rejected = sum(each["n_rows"] for each in known.rejected)
    overdue = len({each["source"] for each in known.overdue})
    failed = len(known.failures)
    counts = f"loads {loads}, rows rejected {rejected}, sources overdue {overdue}, tasks failed {failed}"
    services = ", ".join(unhealthy)
    text = "\n".join(
        [
            *([UNHEALTHY.format(services), ""] if unhealthy else []),
            f"from {known.since:%Y-%m-%d %H:%M} to {known.until:%Y-%m-%d %H:%M} UTC",
            f"sources that answered: {known.sources_checked}",
            *_part("loads", map(_load, known.loads)),
            *_part("rejected rows by rule", _by_rule(known.rejected)),
            *_part("overdue", map(_overdue, known.overdue)),
            *_part("failed", (_failure(each, ui_url) for each in known.failures)),
            *_part("latest verification of the archive", map(_verified, known.verified)),
            *_part("sizes", _sizes(known.sizes)),
            "",
            f"all sources: {ui_url}/city-indicators/quality",
        ]
    )
    first = f"not healthy: {services}; " if unhealthy else ""
    return Message(f"daily_digest: {known.until:%Y-%m-%d}: {first}{counts}", text)


def _part(title: str, lines: Iterable[str]) -> list[str]:
    return ["", f"{title}:", *([f"  {line}" for line in lines] or ["  none"])]


def _load(load: dict[str, Any]) -> str:
    return (
        "{source}: {published} published, {refused} refused, {waiting} not yet published; "
        "{read_rows} rows read, {rejected_rows} rejected; "
        "{added} observations added, {revised} revised, {withdrawn} withdrawn"
    ).format(**load)


def _by_rule(rejected: Rows) -> Iterable[str]:
    for source, rules in groupby(rejected, key=itemgetter("source")):
        yield f"{source}: " + ", ".join(f"{each['rule']} {each['n_rows']}" for each in rules)


def _overdue(overdue: dict[str, Any]) -> str:
    indicators = ", ".join(each["indicator"] for each in overdue["indicators"])
    return f"{overdue['source']}: {overdue['freshness']}, {overdue['freshness_reason']}: {indicators}"


def _failure(failure: dict[str, Any], ui_url: str) -> str:
    run = f"{ui_url}/{run_address(failure['dag_id'], failure['run_id'])}"
    return f"{failure['failed_at']:%H:%M} {failure['task_id']} of {run}: {failure['error']}"


def _verified(verified: dict[str, Any]) -> str:
    text = (
        "{finished_at:%Y-%m-%d}: {objects} files read, {missing} missing, {damaged} damaged, "
        "{unknown} unknown, {healed} healed"
    ).format(**verified)
    if verified["first_object"] is None:
        return text
    return f"{text}. Next step: restore {verified['first_object']} and the other files of archive.lost_file"


def _sizes(sizes: dict[str, Any]) -> Iterable[str]:
    for name, key in (("warehouse", "database_bytes"), ("archive", "archive_bytes")):
        now, before = sizes[key], sizes[f"{key}_before"]
        grown = "" if before is None else f", {(now - before) / 1e6:+.1f} MB since {sizes['before']:%Y-%m-%d}"
        yield f"{name}: {now / 1e6:.1f} MB{grown}"
