"""The inbox on disk and in a bucket: which files wait for an answer, and how they are loaded."""

import asyncio
import hashlib
import os
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest
from sqlalchemy import Engine, update

from city_indicators.core.errors import InboxError
from city_indicators.intake.mailbox import Mailbox
from city_indicators.orchestration import inbox
from tests import buckets
from tests.dag_bag import dag_bag
from tests.dags.test_receive_submissions import OBSERVATIONS, csv_form
from tests.queries import rows


@pytest.fixture
def folder(storage: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder to which cities submit forms."""
    monkeypatch.setenv("CITY_INDICATORS_INBOX", f"{storage}/inbox")
    made = inbox.inbox("submissions")
    made.mkdir(parents=True)
    return made


def answer(path: str) -> Path:
    """Answer a file as it is now; returns the path of the answer."""
    mailbox = Mailbox(inbox.inbox("submissions"))
    address = inbox.write_answer(path, mailbox.fingerprint(inbox.name_of(path)), "thank you")
    return inbox.inbox("submissions") / inbox.name_of(address)


def test_the_trigger_finds_files_without_a_current_answer(folder: Path) -> None:
    async def first_event() -> list[str]:
        trigger = inbox.InboxTrigger(str(inbox.inbox("submissions")), 0.001, None)
        path, arguments = trigger.serialize()
        assert path == f"{type(trigger).__module__}.{type(trigger).__qualname__}"
        buckets.forget()
        async for event in type(trigger)(**arguments).run():
            return list(event.payload)
        raise AssertionError("the trigger ended without an event")

    for name in ("b.csv", "a.xlsx", ".hidden.csv", "~$a.xlsx"):
        (folder / name).write_text(name)
    found = asyncio.run(first_event())
    assert [inbox.name_of(path) for path in found] == ["a.xlsx", "b.csv"]
    for path in found:
        answer(path)
    (folder / "b.csv").write_text("replaced")
    assert [inbox.name_of(path) for path in asyncio.run(first_event())] == ["b.csv"]


def test_a_growing_file_waits(folder: Path) -> None:
    form = folder / "form.csv"
    watch = inbox.Watch(inbox.inbox("submissions"))
    form.write_text("half")
    assert watch.ready() == []
    form.write_text("half and half")
    assert watch.ready() == []
    assert [inbox.name_of(path) for path in watch.ready()] == ["form.csv"]


def test_a_removed_answer_is_written_again(folder: Path) -> None:
    (folder / "form.csv").write_text("x")
    written = answer(str(inbox.inbox("submissions") / "form.csv"))
    watch = inbox.Watch(inbox.inbox("submissions"))
    assert (watch.ready(), watch.ready()) == ([], [])
    written.unlink()
    assert len(watch.ready()) == 1


def test_an_empty_folder_has_no_waiting_files(folder: Path) -> None:
    watch = inbox.Watch(folder)
    assert (watch.ready(), watch.ready()) == ([], [])


def test_files_that_others_put_into_the_bucket_are_seen(
    bucket_server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = buckets.folder(bucket_server, monkeypatch)
    monkeypatch.setenv("CITY_INDICATORS_INBOX", address)
    watch = inbox.Watch(inbox.inbox("submissions"))
    assert watch.ready() == []
    client = boto3.client("s3", endpoint_url=bucket_server, **buckets.KEY)
    folder = f"{address.rpartition('/')[2]}/submissions"

    def ready_after(*names: str) -> list[str]:
        for name in names:
            client.put_object(Bucket=buckets.BUCKET, Key=f"{folder}/{name}", Body=name.encode())
        return [inbox.name_of(path) for path in watch.ready()]

    # Storage consoles create a folder as an empty object.
    assert ready_after("", "a.csv") == []
    assert ready_after("b.csv") == ["a.csv"]
    assert ready_after() == ["a.csv", "b.csv"]


def test_a_form_is_archived_loaded_and_answered(
    receive_forms: Callable[[], str],
    folder: Path,
    storage: str,
    warehouse: Engine,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("CITY_INDICATORS_ARCHIVE", f"{storage}/archive")
    form = csv_form("moscow,ELEC_USE,2023,60.1,TWh").encode()
    (folder / "moscow 2023.csv").write_bytes(form)
    assert receive_forms() == "success"
    assert rows(warehouse, OBSERVATIONS) == [("moscow", "ELEC_USE", 60100.0, 1)]
    sha256 = hashlib.sha256(form).hexdigest()
    assert rows(warehouse, "select url, sha256 from archive.fetch_event") == [
        (str(folder / "moscow 2023.csv"), sha256)
    ]
    text = (folder / "moscow 2023.csv.report.txt").read_text(encoding="utf-8")
    assert "1 of 1 rows accepted" in text
    assert text.splitlines()[-1].endswith(sha256)


@pytest.mark.parametrize(
    ("age_minutes", "pause_minutes"),
    # Each failure doubles the pause, as the file is twice as old.
    [(4, 4), (12, 12), (28, 28), (90, 30), (-1, 0)],
    ids=lambda minutes: f"{minutes} min",
)
def test_after_a_failed_run_a_file_waits_as_long_as_it_was_there(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, age_minutes: int, pause_minutes: int
) -> None:
    form = tmp_path / "form.csv"
    form.write_text("x")
    failed_at = time.time() + 1e6
    os.utime(form, (failed_at, failed_at - 60 * age_minutes))

    def ready_after(seconds: float) -> bool:
        watch = inbox.Watch(tmp_path, failed_at)
        monkeypatch.setattr(inbox.time, "time", lambda: failed_at + seconds)
        watch.ready()
        return watch.ready() != []

    assert ready_after(60 * pause_minutes + 1)
    assert ready_after(60 * pause_minutes - 1) == (pause_minutes == 0)


@pytest.fixture
def on_disk(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("CITY_INDICATORS_INBOX", (tmp_path / "inbox").as_uri())
    made = tmp_path / "inbox" / "submissions"
    made.mkdir(parents=True)
    return made


@pytest.fixture
def receive_on(
    metadata: None, surroundings: None, on_disk: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[datetime], str]:
    """Run the DAG for one logical date on the folder `on_disk`; returns the run's state."""
    dag: Any = dag_bag().dags["receive_submissions"]
    monkeypatch.setattr(dag.get_task("wait"), "poll_seconds", 0.01)
    for task in dag.tasks:
        monkeypatch.setattr(task, "retries", 0)
    return lambda at: str(dag.test(logical_date=at).state)


def ended(at: datetime, ago: timedelta) -> None:
    """Set the end of a run to some time ago."""
    from airflow.models.dagrun import DagRun
    from airflow.utils.session import create_session

    with create_session() as session:
        run = (DagRun.dag_id == "receive_submissions") & (DagRun.logical_date == at)
        session.execute(update(DagRun).where(run).values(end_date=datetime.now(UTC) - ago))


def test_a_failed_file_waits_while_others_are_loaded(
    receive_on: Callable[[datetime], str], on_disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def is_answered(name: str) -> bool:
        return (on_disk / f"{name}.report.txt").exists()

    def unreachable(source_id: str, path: str) -> None:
        raise OSError(28, "No space left on device", path)

    archive = dag_bag().dags["receive_submissions"].get_task("one_form.archive")
    day = datetime(2026, 1, 1, tzinfo=UTC)
    yesterday = time.time() - 86_400
    (on_disk / "first.csv").write_text(csv_form("moscow,ELEC_USE,2023,60.1,TWh"))
    os.utime(on_disk / "first.csv", (yesterday, yesterday))
    with monkeypatch.context() as full_disk:
        full_disk.setattr(archive, "python_callable", unreachable)
        assert receive_on(day) == "failed"
    (on_disk / "second.csv").write_text(csv_form("moscow,ELEC_USE,2022,59.9,TWh"))
    assert receive_on(day + timedelta(days=1)) == "success"
    assert (is_answered("first.csv"), is_answered("second.csv")) == (False, True)
    ended(day, timedelta(minutes=31))
    assert receive_on(day + timedelta(days=2)) == "success"
    assert is_answered("first.csv")


def test_an_unreadable_inbox_fails(
    receive_on: Callable[[datetime], str],
    on_disk: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def gone(mailbox: Mailbox) -> None:
        raise ConnectionError("no answer from the storage")

    monkeypatch.setattr(Mailbox, "looks", gone)
    assert receive_on(datetime(2026, 2, 1, tzinfo=UTC)) == "failed"
    assert "ConnectionError: no answer from the storage" in caplog.text
    assert InboxError.__name__ in caplog.text


@pytest.mark.parametrize("dag_id", ["receive_submissions", "receive_best_practices"])
def test_the_sensor_is_retried_for_half_an_hour(metadata: None, dag_id: str) -> None:
    wait = dag_bag().dags[dag_id].get_task("wait")
    assert (wait.retry_exponential_backoff, wait.max_retry_delay) == (2.0, None)
    pauses = [wait.retry_delay * 2**n for n in range(wait.retries)]
    assert sum(pauses, timedelta()) >= timedelta(minutes=30)
