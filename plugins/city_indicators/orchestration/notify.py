"""Sends alerts about failed tasks and about loads that wait for a decision: by mail, or to the task log.

Mail is sent through the Airflow connection `notifications` (type smtp) to the addresses in its extra `to`.
"""

import html
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from airflow.sdk import BaseHook, Context, conf
from airflow.sdk.exceptions import AirflowNotFoundException

from city_indicators.core.runs import run_address
from city_indicators.orchestration.links import DATA_DOCS

CONNECTION: Final = "notifications"
EXAMPLES: Final = 10
LONGEST_EXAMPLE: Final = 300
LONGEST_FAULT: Final = 2000
"""Characters of one example row, and of an error: database errors repeat the complete statement."""
NEXT_STEP: Final = "Next step: "

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Load:
    """A load in the ledger: row counts, reasons for which the gate refused it, warnings, rejected rows.

    `empty_cells` and `out_of_scope` count what the source also gave and no row was made of. `rules` are the
    rules that rejected rows, with the number of rows; `examples` are at most EXAMPLES rejected rows, one line
    each, taken from every rule in turn.
    """

    load_id: int
    source: str
    interval: str
    refusals: tuple[str, ...]
    warnings: tuple[str, ...]
    read: int
    accepted: int
    rejected: int
    empty_cells: int
    out_of_scope: int
    rules: tuple[tuple[str, int], ...]
    examples: tuple[str, ...]

    @property
    def counts(self) -> str:
        """The row counts as text."""
        return f"{self.read} rows read, {self.accepted} accepted, {self.rejected} rejected"


@dataclass(frozen=True)
class Event:
    """A failed or waiting task; `error` is None while the task waits for the decision of a steward.

    `source` is None if the task handles no single source, `interval` if the run has none; `map_index` is None
    or -1 if the task is not mapped.
    """

    source: str | None
    interval: str | None
    dag_id: str
    run_id: str
    task_id: str
    map_index: int | None
    error: BaseException | str | None
    load: Load | None
    ui_url: str


@dataclass(frozen=True)
class Message:
    """A notification in plain text."""

    subject: str
    text: str


def compose(event: Event) -> Message:
    """The alert for an event: task, fault, rules, example rows, next step and links."""
    if event.error is None:
        state, fault = "waits for a decision", "the gate refused the load"
        step = f"accept it with a written reason, or refuse it: {task_url(event)}/required_actions"
    else:
        name = "" if isinstance(event.error, str) else type(event.error).__name__
        state = f"failed ({name})" if name else "failed"
        fault, _, step = str(event.error).partition(NEXT_STEP)
    lines = [
        *([f"source: {event.source}"] if event.source else []),
        *([f"interval: {event.interval}"] if event.interval else []),
        f"task: {event.task_id} of {event.dag_id}, run {event.run_id}",
        f"fault: {_short(fault.strip(), LONGEST_FAULT)}",
        *(_about(event.load) if event.load else ()),
        f"next step: {step.strip() or 'read the log of the task'}",
        f"log: {task_url(event)}",
        f"run: {run_url(event)}",
        *([f"data docs: {data_docs_url(event.ui_url, event.load)}"] if event.source else []),
    ]
    when = f", {event.interval}" if event.interval else ""
    return Message(f"{event.dag_id}: {event.task_id} {state}{when}", "\n".join(lines))


def _about(load: Load) -> list[str]:
    return [
        f"load: {load.load_id}: {load.counts}",
        *(f"gate: {refusal}" for refusal in load.refusals),
        *(f"warning: {warning}" for warning in load.warnings),
        *(f"rule: {rule} rejected {rows}" for rule, rows in load.rules),
        *(f"example: {example}" for example in load.examples),
    ]


def run_url(event: Event) -> str:
    """The run in the web UI."""
    return f"{event.ui_url}/{run_address(event.dag_id, event.run_id)}"


def task_url(event: Event) -> str:
    """The log of the task in the web UI."""
    is_mapped = event.map_index is not None and event.map_index >= 0
    mapped = f"/mapped/{event.map_index}" if is_mapped else ""
    return f"{run_url(event)}/tasks/{event.task_id}{mapped}"


def data_docs_url(ui_url: str, load: Load | None) -> str:
    """The page of a load in the Data Docs; without a load, their index."""
    from city_indicators.ingest.validation.data_docs import page_of_load

    return f"{ui_url}/{DATA_DOCS}/{page_of_load(load.load_id) if load else ''}"


def failure_alert(source_id: str | None) -> Callable[[Context], None]:
    """A callback that sends the alert for a failed task, of a source or of none. It never raises."""

    def alert_failure(context: Context) -> None:
        alert(source_id, context, context.get("exception") or "no error was given")

    return alert_failure


def alert(source_id: str | None, context: Context, error: BaseException | str | None) -> None:
    """Send the alert for a failed task, or for a waiting one if `error` is None. Never raises."""
    try:
        send(compose(event_of(source_id, context, error)))
    except Exception:
        # An alert must neither fail a load nor hide why it failed.
        log.exception("The alert for %s could not be composed", context["ti"].task_id)


def event_of(source_id: str | None, context: Context, error: BaseException | str | None) -> Event:
    """The event of a task, with its load if there is one already."""
    ti, run = context["ti"], context["dag_run"]
    load_id = getattr(context["task"], "load_id", None)
    # It is no number while not rendered, or if the validation failed.
    load = load_of(load_id) if isinstance(load_id, int) else None
    first, end = run.data_interval_start, run.data_interval_end
    # Only ingestions have a data interval; in other runs both ends are the scheduled time.
    ingested = source_id and first and end
    interval = load.interval if load else f"{first:%Y-%m-%d} to {end:%Y-%m-%d}" if ingested else None
    return Event(source_id, interval, ti.dag_id, ti.run_id, ti.task_id, ti.map_index, error, load, ui_url())


def ui_url() -> str:
    """The address of the web UI, without a slash at its end."""
    return str(conf.get("api", "base_url", fallback="http://localhost:8080")).rstrip("/")


def load_of(load_id: int) -> Load:
    """A load, from the ledger of the warehouse.

    Raises:
        NoResultFound: there is no such load.
    """
    from city_indicators.orchestration.connections import warehouse_url
    from city_indicators.warehouse.database import engine, statement

    of_load = {"load_id": load_id}
    with engine(warehouse_url()).connect() as connection:
        row = connection.execute(statement("notify/load"), of_load).one()
        rules = connection.execute(statement("notify/rejected_rules"), of_load).all()
        few = {**of_load, "examples": EXAMPLES}
        examples = connection.execute(statement("notify/rejected_examples"), few).all()
    return Load(
        row.load_id,
        row.source,
        f"{row.interval_start} to {row.interval_end}",
        tuple(row.refusals),
        tuple(row.warnings),
        row.read_rows,
        row.accepted_rows,
        row.rejected_rows,
        row.empty_cells,
        row.out_of_scope_rows,
        tuple((rule, n_rows) for rule, n_rows in rules),
        tuple(_line(example) for example in examples),
    )


def _line(row: Any) -> str:
    place = row.ref_area or "no known place"
    text = (
        f"{row.indicator} {row.time_period} {place}: {row.value_as_published!r} at {row.pointer}, "
        f"by {row.rule}: {row.reason}"
    )
    # Published text may contain line breaks and long prose.
    return _short(" ".join(text.split()), LONGEST_EXAMPLE)


def _short(text: str, length: int) -> str:
    return text if len(text) <= length else f"{text[: length - 1]}…"


def send(message: Message) -> bool:
    """Send a message by mail; without the connection, or if the mail fails, write it to the log.

    Returns False if the connection exists and the mail failed.
    """
    try:
        connection = BaseHook.get_connection(CONNECTION)
    except AirflowNotFoundException:
        log.warning("%s\n%s", message.subject, message.text)
        return True
    try:
        _mail(message, connection.extra_dejson["to"])
        return True
    except Exception:
        log.exception(
            "Connection %r could not send the mail. %s%s\n%s\n%s",
            CONNECTION,
            NEXT_STEP,
            "check its host, port, login, and `to` and `from_email` in its extra",
            message.subject,
            message.text,
        )
        return False


def _mail(message: Message, to: str | list[str]) -> None:
    from airflow.providers.smtp.hooks.smtp import SmtpHook

    # Not SmtpNotifier: it would render published text with Jinja.
    with SmtpHook(CONNECTION) as server:
        body = f"<pre>{html.escape(message.text)}</pre>"
        server.send_email_smtp(to=to, subject=message.subject, html_content=body)
