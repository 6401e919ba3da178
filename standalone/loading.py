"""Loads the years of the sample through Airflow, and waits until the report shows all loads."""

import re
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from city_indicators.catalog import Source
from city_indicators.orchestration.rest import AirflowApi, FailedRun
from standalone import databases
from standalone.errors import RunsFailedError
from standalone.postgres import Server
from standalone.settings import REPORT_DAGS
from standalone.stack import Stack

LAST_YEAR = 2024
RUNS_AT_ONCE = 4
LIMIT_SECONDS = 1800.0
STALL_SECONDS = 120.0
"""How long loads may wait for the report while nothing runs."""
SLOW_SECONDS = 60.0
"""After how long without progress the demo says why."""
QUIET_SECONDS = 3.0
"""How long nothing must run to count as ended: the asset event of a load starts the report with a delay."""
POLL_SECONDS = 1.0
PRINT_SECONDS = 15.0
FAULT = re.compile(r"error|exception", re.IGNORECASE)
UNFINISHED = ("queued", "running")
FINISHED = ("success", "failed")


@dataclass(frozen=True)
class Status:
    """The status of the loading: ingestion runs, active runs of any DAG, rows, loads not in the report."""

    done: int
    total: int
    going: int
    rows: int
    unreported: int

    @property
    def at_rest(self) -> bool:
        """Whether nothing runs and the report shows every load."""
        return not self.going and not self.unreported

    @property
    def line(self) -> str:
        """The text of the progress bar."""
        return f"{self.done}/{self.total} runs, {self.rows:,} rows loaded"


def years_to_backfill(source: Source, in_sample_from: int | None, this_year: int) -> range:
    """The years to backfill: those with data that the scheduled run does not cover.

    The scheduled run, which unpausing starts, covers last year and the trailing years. `in_sample_from` is
    None for published tables: their sample begins with the publisher's first year.
    """
    first = max(source.first_period, in_sample_from or 0)
    last = min(LAST_YEAR, this_year - 2 - source.trailing_years)
    return range(first, last + 1)


def _years_of_the_sample(sources: list[Source]) -> dict[str, range]:
    """The years to backfill by DAG."""
    from demo.sample.table import load_sample

    sample, this_year = load_sample(), datetime.now(UTC).year
    return {
        source.dag_id: years_to_backfill(source, sample.first_year(source.id), this_year)
        for source in sources
    }


class Loading:
    """One pass over the sample's years."""

    def __init__(
        self, stack: Stack, api: AirflowApi, server: Server, sources: list[Source], console: Console
    ) -> None:
        self._stack = stack
        self._api = api
        self._server = server
        self._console = console
        self._sources = sources
        self._ingestion = [source.dag_id for source in self._sources]
        self._all = [*self._ingestion, *REPORT_DAGS]
        self._years = _years_of_the_sample(sources)

    def begin(self) -> None:
        """Retry runs that failed before, and backfill the years that have not run yet."""
        self._api.retry(self._failed(ours=True))
        for dag_id, years in self._years.items():
            if years:
                first_day, last_day = f"{years[0]}-01-01", f"{years[-1]}-12-31"
                self._api.backfill(dag_id, first_day, last_day, RUNS_AT_ONCE)

    def wait(self) -> None:
        """Show the progress until every run has ended and the report shows every load.

        Raises:
            RunsFailedError: a run failed, or the loading did not end in time.
        """
        columns = (TextColumn("Loading"), BarColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
        with Progress(*columns, console=self._console, disable=not self._console.is_terminal) as bar:
            task = bar.add_task("", total=None)
            self._follow(bar, task, lambda seen: not seen.going)
            self._make_reports()
            self._follow(bar, task, lambda seen: seen.at_rest)
        if failed := self._failed(ours=True):
            raise RunsFailedError(
                f"{len(failed)} DAG runs failed:\n{self._shown(failed)}",
                "read a log, then start again: failed runs are retried",
            )

    def _make_reports(self) -> None:
        """Make reports and Data Docs of all loads at once; from then on every publication makes them anew."""
        waiting = databases.progress(self._server).loads_not_in_report
        for dag_id in REPORT_DAGS:
            self._api.unpause(dag_id)
            if waiting:
                self._api.trigger(dag_id)

    def _follow(self, bar: Progress, task: TaskID, has_ended: Callable[[Status], bool]) -> None:
        begun = busy = quiet_from = moved = time.monotonic()
        printed = 0.0
        before = ""
        while True:
            self._stack.check()
            now = time.monotonic()
            seen = self._look()
            bar.update(task, total=seen.total, completed=seen.done, description=seen.line)
            moved = now if seen.line != before else moved
            if now - moved > SLOW_SECONDS:
                self._console.print(self._why(), markup=False, soft_wrap=True)
                moved = now
            before = seen.line
            quiet_from = quiet_from if has_ended(seen) else now
            finished = now - quiet_from >= QUIET_SECONDS
            if not self._console.is_terminal and (finished or now - printed > PRINT_SECONDS):
                self._console.print(f"Loading: {seen.line}")
                printed = now
            if finished:
                return
            busy = now if seen.going else busy
            if now - busy > STALL_SECONDS or now - begun > LIMIT_SECONDS:
                raise self._timeout_error(seen)
            time.sleep(POLL_SECONDS)

    def refused(self) -> str:
        """The runs that wait for a steward because the gate refused their loads; empty if there are none."""
        waiting = self._api.waiting_runs(self._all)
        return "\n".join(f"  {dag_id}, run {run_id}" for dag_id, run_id in waiting)

    def failed_of_others(self) -> str:
        """The failed runs that another user started, manually or by a backfill; empty if there are none."""
        return self._shown(self._failed(ours=False))

    def _failed(self, *, ours: bool) -> list[FailedRun]:
        return [run for run in self._api.failed_runs(self._all) if self._is_ours(run) == ours]

    def _is_ours(self, run: FailedRun) -> bool:
        if run.run_type == "backfill" and run.logical_date:
            return run.logical_date.year in self._years.get(run.dag_id, range(0))
        return run.run_type != "manual" or run.dag_id in REPORT_DAGS

    def _look(self) -> Status:
        # Count runs before loads: if a run ends in between, its load is counted, and none is missed.
        going = self._api.count_runs(self._all, UNFINISHED)
        # Runs that wait for a steward's answer do not count as running.
        going -= len(self._api.waiting_runs(self._all)) if going else 0
        done = self._api.count_runs(self._ingestion, FINISHED)
        total = self._api.count_runs(self._ingestion, (*UNFINISHED, *FINISHED))
        progress = databases.progress(self._server)
        return Status(done, total, going, progress.rows_loaded, progress.loads_not_in_report)

    def _shown(self, failed: list[FailedRun]) -> str:
        lines = []
        tasks = self._stack.settings.logs / "tasks"
        for run in failed[:5]:
            lines.append(f"  {run.dag_id}, run {run.run_id}")
            lines += [f"    log: {tasks / t.log}" for t in self._api.failed_tasks(run.dag_id, run.run_id)]
        return "\n".join(lines)

    def _why(self) -> str:
        """The states of the tasks that have not ended, and the newest errors of the scheduler."""
        states = Counter(self._api.unfinished_tasks(self._all))
        tasks = ", ".join(f"{count} {state}" for state, count in sorted(states.items())) or "none"
        log = self._stack.settings.log_of("scheduler")
        text = log.read_text(encoding="utf-8", errors="replace").splitlines() if log.exists() else []
        errors = list(dict.fromkeys(line.strip() for line in text if FAULT.search(line)))[-3:]
        shown = "\n".join(f"  | {line[:300]}" for line in errors) or "  no error in it"
        return f"Nothing has moved for {SLOW_SECONDS:.0f} s. Tasks: {tasks}. {log}:\n{shown}"

    def _timeout_error(self, seen: Status) -> RunsFailedError:
        return RunsFailedError(
            f"the loading did not end: {seen.line}, {seen.going} runs going, "
            f"{seen.unreported} loads not in the report",
            f"read {self._stack.settings.log_of('scheduler')}, then start again: it continues from here",
        )
