"""What the tasks write into their logs: a few structured lines that a data engineer reads first."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

import structlog
from airflow.sdk import get_current_context

from city_indicators.core.intervals import Interval
from city_indicators.core.snapshots import Snapshot
from city_indicators.orchestration import notify
from city_indicators.orchestration.links import LOADS
from city_indicators.orchestration.notes import PUBLISHED

if TYPE_CHECKING:
    from city_indicators.reports.plan import Plan, Work
    from city_indicators.reports.rated import Rated
    from city_indicators.reports.refresh import Refresh
    from city_indicators.warehouse.publish import Outcome

EXAMPLES: Final = 3
"""How many snapshots and rejected rows are shown of each task."""
LONGEST_LABEL: Final = 200
"""Airflow stores at most 250 characters."""
LABEL: Final = "unit_of_work"
TEMPLATE: Final = f"{{{{ {LABEL} }}}}"
"""The `map_index_template` of a mapped task that calls `label`."""

log = structlog.get_logger(__name__)


def label(text: str) -> None:
    """Name the current mapped task in the grid, instead of by its number; a long name is cut."""
    get_current_context()[LABEL] = text[:LONGEST_LABEL]  # type: ignore[typeddict-unknown-key]


def requested(source_id: str, interval: Interval, address: str) -> None:
    """What a task is about to request, and from where."""
    log.info("Requests", source=source_id, interval=f"{interval.start} to {interval.end}", address=address)


def fetched(snapshots: Sequence[Snapshot], revision: str | None) -> None:
    """What was fetched and archived."""
    log.info(
        "Archived",
        answers=len(snapshots),
        bytes=sum(snapshot.byte_count for snapshot in snapshots),
        revision=revision,
    )
    for snapshot in snapshots[:EXAMPLES]:
        log.info("Snapshot", sha256=snapshot.sha256, bytes=snapshot.byte_count, url=snapshot.url[:300])
    if len(snapshots) > EXAMPLES:
        log.info("More snapshots are in archive.fetch_event", count=len(snapshots) - EXAMPLES)


def validated(load_id: int) -> None:
    """How a load was split, by rule and with examples, what the gate says, and where to look next."""
    load, ui = notify.load_of(load_id), notify.ui_url()
    log.info(
        "Validated",
        load_id=load_id,
        source=load.source,
        interval=load.interval,
        read=load.read,
        accepted=load.accepted,
        rejected=load.rejected,
        empty_cells=load.empty_cells,
        out_of_scope=load.out_of_scope,
    )
    for rule, rows in load.rules:
        log.info("Rejected", rule=rule, rows=rows)
    for example in load.examples[:EXAMPLES]:
        log.info("Example", row=example)
    for refusal in load.refusals:
        log.warning("The gate refuses the load", reason=refusal)
    for warning in load.warnings:
        log.warning("The gate warns", reason=warning)
    log.info(
        "Next",
        data_docs=notify.data_docs_url(ui, load),
        page=f"{ui}/{LOADS}/{load_id}",
        rejected_rows="quality.rejected_row",
    )


def unusable(error: Exception) -> str:
    """The fault of a file that a person sent, for its answer."""
    log.warning("The file is unusable; its answer says why", fault=str(error))
    return str(error)


def published(load_id: int, outcome: "Outcome") -> None:
    """What a publication changed."""
    log.info("Published", load_id=load_id, **outcome.to_json())


def refreshed(done: "Refresh") -> None:
    """What a refresh of the report tables had to do."""
    log.info("Refreshed", loads=done.loads, rating_years=done.rating_years, written=done.written)


def planned(plan: "Plan", tasks: int) -> None:
    """What a refresh leaves to other tasks."""
    log.info(
        "Planned",
        known_at=str(plan.known_at),
        loads=len(plan.loads),
        rating_years=plan.rating_years,
        cities=plan.cities,
        tasks=tasks,
    )


def rated(work: "Work", done: "Rated") -> None:
    """What one of these tasks computed, and how long its parts took."""
    log.info(
        "Rated",
        rating=work.rating,
        years=f"{work.years[0]} to {work.years[-1]}",
        computed=done.years,
        found=done.found,
        cities=done.cities,
        rows=done.rows,
        seconds_computed=round(done.seconds_computed, 1),
        seconds_stored=round(done.seconds_stored, 1),
    )


def in_a_line(load: notify.Load, changed: Mapping[str, int]) -> str:
    """The note of a run that published a load."""
    counts = (
        f"{changed[name]} {name}" for name in ("added", "revised", "withdrawn", "unchanged", "outdated")
    )
    return f"{PUBLISHED}{load.load_id}: {load.counts}; {', '.join(counts)}"
