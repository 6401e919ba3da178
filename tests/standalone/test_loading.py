"""Loading the sample: which years get a run, and when runs count as ended, failed or stuck."""

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import cast

import pytest
from rich.console import Console

from city_indicators.catalog import load_sources
from city_indicators.orchestration.rest import AirflowApi, FailedRun, FailedTask
from standalone import databases, loading
from standalone.databases import Progress
from standalone.errors import RunsFailedError
from standalone.loading import Loading, years_to_backfill
from standalone.postgres import Server
from standalone.settings import REPORT_DAGS, Settings
from standalone.stack import Stack


class Clock:
    """A clock that advances only by sleeping."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


class FakeApi:
    """One run ends per poll; after the last and one idle poll, the report runs for `delayed` more polls."""

    def __init__(self, runs: int, failed: Sequence[FailedRun] = (), delayed: int = 0) -> None:
        self.runs, self.failed, self.delayed = runs, list(failed), delayed
        self.done = 0
        self.was_quiet = False
        self.retried: list[FailedRun] = []
        self.backfilled: dict[str, tuple[str, str]] = {}
        self.waiting: list[tuple[str, str]] = []
        self.unpaused: list[str] = []
        self.held = 0
        self.triggered: list[str] = []

    def unpause(self, dag_id: str) -> None:
        assert self.done == self.runs
        self.unpaused.append(dag_id)

    def trigger(self, dag_id: str) -> None:
        self.triggered.append(dag_id)

    def retry(self, runs: Iterable[FailedRun]) -> None:
        self.retried += runs

    def backfill(self, dag_id: str, first_day: str, last_day: str, runs_at_once: int) -> None:
        assert runs_at_once == loading.RUNS_AT_ONCE
        self.backfilled[dag_id] = (first_day, last_day)

    def count_runs(self, dag_ids: Sequence[str], states: Sequence[str]) -> int:
        if "refresh_reports" in dag_ids:
            going = self.runs - self.done
            if self.held:
                self.held -= 1
                return going
            if self.was_quiet and self.delayed:
                self.delayed -= 1
                return 1
            self.was_quiet = going == 0
            self.done = min(self.runs, self.done + 1)
            return going
        return self.done if "running" not in states else self.runs

    def failed_runs(self, _: Sequence[str]) -> list[FailedRun]:
        return self.failed

    def waiting_runs(self, _: Sequence[str]) -> list[tuple[str, str]]:
        return self.waiting

    def unfinished_tasks(self, _: Sequence[str]) -> list[str]:
        return ["queued", "up_for_retry", "queued"]

    def failed_tasks(self, dag_id: str, run_id: str) -> list[FailedTask]:
        return [FailedTask(dag_id, run_id, "fetch", -1, 1)]


def run(dag_id: str, run_id: str, run_type: str, year: int | None) -> FailedRun:
    return FailedRun(dag_id, run_id, run_type, datetime(year, 1, 1, tzinfo=UTC) if year else None)


OURS = [
    run("ingest_world_bank", "ours_1", "scheduled", 2025),
    run("ingest_world_bank", "ours_2", "backfill", 2000),
    run("refresh_reports", "ours_3", "asset_triggered", None),
    run("build_data_docs", "ours_4", "manual", None),
]
OTHERS = [
    run("ingest_world_bank", "theirs_1", "manual", None),
    run("ingest_world_bank", "theirs_2", "manual", 2010),
    # The sample begins with 2000.
    run("ingest_world_bank", "theirs_3", "backfill", 1999),
    run("ingest_nasa_power", "theirs_4", "backfill", 1999),
]


def loading_of(api: FakeApi, tmp_path: Path, out: StringIO | None = None) -> Loading:
    stack = Stack(Settings(home=tmp_path))
    console = Console(file=out or StringIO())
    sources = stack.settings.sources()
    return Loading(stack, cast("AirflowApi", api), cast("Server", None), sources, console)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loading, "time", Clock())


def wait(api: FakeApi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, unreported: int = 0) -> str:
    monkeypatch.setattr(databases, "progress", lambda _: Progress(1234, unreported))
    out = StringIO()
    loading_of(api, tmp_path, out).wait()
    return out.getvalue()


@pytest.mark.parametrize(
    ("source", "in_sample_from", "this_year", "years"),
    [
        # The scheduled run covers last year and thirty years before it.
        ("nasa_power", 2000, 2026, []),
        ("nasa_power", 2000, 2032, [2000]),
        ("nasa_power", 2000, 2056, list(range(2000, 2025))),
        ("world_bank", 2000, 2026, list(range(2000, 2022))),
        ("un_habitat_open_space", None, 2026, []),
        ("un_habitat_open_space", None, 2050, [2014, 2015, 2016, 2017, 2018]),
    ],
)
def test_does_not_backfill_empty_years_or_those_of_the_scheduled_run(
    source: str, in_sample_from: int | None, this_year: int, years: list[int]
) -> None:
    assert list(years_to_backfill(load_sources()[source], in_sample_from, this_year)) == years


def test_begins_with_its_failed_runs_and_the_years_of_the_sample(tmp_path: Path) -> None:
    api = FakeApi(0, failed=[*OURS, *OTHERS])
    loading_of(api, tmp_path).begin()
    assert api.retried == OURS
    assert api.backfilled["ingest_world_bank"][0] == "2000-01-01"
    assert "ingest_nasa_power" not in api.backfilled


def test_ends_when_all_runs_have_ended_and_are_in_the_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "3/3 runs, 1,234 rows loaded" in wait(FakeApi(3), tmp_path, monkeypatch)


@pytest.mark.parametrize(("unreported", "triggered"), [(0, []), (2, list(REPORT_DAGS))])
def test_reports_are_made_once_when_all_runs_have_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, unreported: int, triggered: list[str]
) -> None:
    api = FakeApi(3)
    # The report has the loads as soon as it was triggered.
    monkeypatch.setattr(databases, "progress", lambda _: Progress(1234, 0 if api.triggered else unreported))
    loading_of(api, tmp_path).wait()
    assert (api.unpaused, api.triggered) == (list(REPORT_DAGS), triggered)


def test_waits_for_a_delayed_report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    api = FakeApi(3, delayed=5)
    wait(api, tmp_path, monkeypatch)
    assert api.delayed == 0


@pytest.mark.parametrize("failed", OURS)
def test_a_failed_run_is_named_with_the_log_of_its_task(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failed: FailedRun
) -> None:
    api = FakeApi(1, failed=[*OTHERS, failed])
    with pytest.raises(RunsFailedError, match=rf"1 DAG runs failed:\n  {failed.dag_id}, run ours") as raised:
        wait(api, tmp_path, monkeypatch)
    assert "task_id=fetch/attempt=1.log" in str(raised.value)
    assert "theirs" not in str(raised.value)


def test_a_failed_run_of_another_user_is_shown_and_ignored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    api = FakeApi(3, failed=OTHERS)
    assert "3/3 runs" in wait(api, tmp_path, monkeypatch)
    shown = loading_of(api, tmp_path).failed_of_others()
    assert re.findall(r"run (\w+)", shown) == [run.run_id for run in OTHERS]
    assert shown.count("task_id=fetch/attempt=1.log") == len(OTHERS)


def test_a_refused_load_is_named_and_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    api = FakeApi(3, delayed=10**9)
    api.waiting = [("ingest_x", "run_1")]
    assert "3/3 runs" in wait(api, tmp_path, monkeypatch)
    assert loading_of(api, tmp_path).refused() == "  ingest_x, run run_1"


def test_loads_that_never_reach_the_report_are_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(RunsFailedError, match="2 loads not in the report"):
        wait(FakeApi(1), tmp_path, monkeypatch, unreported=2)


def test_after_a_minute_without_progress_it_says_what_the_tasks_do_and_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    api = FakeApi(3)
    api.held = 100
    log = Settings(home=tmp_path).log_of("scheduler")
    log.parent.mkdir(parents=True)
    log.write_text("started\n" + "ImportError: Using SOCKS proxy\n" * 2 + "[info] queued\n", encoding="utf-8")
    said = wait(api, tmp_path, monkeypatch)
    assert said.count("Nothing has moved for 60 s. Tasks: 2 queued, 1 up_for_retry.") == 1
    assert said.count("  | ImportError: Using SOCKS proxy") == 1
    assert "[info]" not in said


def test_with_progress_it_does_not_explain(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "Nothing has moved" not in wait(FakeApi(200), tmp_path, monkeypatch)
