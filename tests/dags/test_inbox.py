"""The inbox on the disk and in a bucket: what waits for an answer, and how it is taken in."""

import asyncio
import hashlib
from collections.abc import Callable
from pathlib import Path

import boto3
import pytest
from sqlalchemy import Engine
from tests import buckets
from tests.dags.test_receive_submissions import FIGURES, csv_form
from tests.queries import rows

from city_indicators.airflow import inbox


@pytest.fixture
def folder(storage: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that cities drop their forms into."""
    monkeypatch.setenv("CITY_INDICATORS_INBOX", f"{storage}/inbox")
    made = inbox.inbox("submissions")
    made.mkdir(parents=True)
    return made


def test_the_trigger_finds_what_has_no_current_answer(folder: Path) -> None:
    async def first_event() -> list[str]:
        trigger = inbox.InboxTrigger(str(inbox.inbox("submissions")), 0.001)
        path, arguments = trigger.serialize()
        assert path == f"{type(trigger).__module__}.{type(trigger).__qualname__}"
        buckets.forget()
        async for event in type(trigger)(**arguments).run():
            return list(event.payload)
        raise AssertionError("the trigger ended without an event")

    for name in ("b.csv", "a.xlsx", ".hidden.csv", "~$a.xlsx"):
        (folder / name).write_text(name)
    found = asyncio.run(first_event())
    assert [inbox.dropped(path).name for path in found] == ["a.xlsx", "b.csv"]
    for path in found:
        file = inbox.dropped(path)
        inbox.write_answer(file, inbox.sha256_of(file), "thank you")
    (folder / "b.csv").write_text("replaced")
    assert [inbox.dropped(path).name for path in asyncio.run(first_event())] == ["b.csv"]


def test_a_file_that_still_grows_waits(folder: Path) -> None:
    form = folder / "form.csv"
    watch = inbox.Watch(inbox.inbox("submissions"))
    form.write_text("half")
    assert watch.ready() == []
    form.write_text("half and half")
    assert watch.ready() == []
    assert [inbox.dropped(path).name for path in watch.ready()] == ["form.csv"]


def test_an_answer_taken_away_is_written_again(folder: Path) -> None:
    (folder / "form.csv").write_text("x")
    file = inbox.inbox("submissions") / "form.csv"
    answer = inbox.write_answer(file, inbox.sha256_of(file), "thank you")
    watch = inbox.Watch(inbox.inbox("submissions"))
    assert (watch.ready(), watch.ready()) == ([], [])
    answer.unlink()
    assert len(watch.ready()) == 1


def test_an_empty_folder_has_nothing_that_waits(folder: Path) -> None:
    watch = inbox.Watch(folder)
    assert (watch.ready(), watch.ready()) == ([], [])


def test_what_others_drop_into_the_bucket_is_seen(
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
        return [inbox.dropped(path).name for path in watch.ready()]

    # Consoles make a folder as an empty object with its name.
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
    assert rows(warehouse, FIGURES) == [("moscow", "ELEC_USE", 60100.0, 1)]
    sha256 = hashlib.sha256(form).hexdigest()
    assert rows(warehouse, "select url, sha256 from archive.fetch_event") == [
        (str(folder / "moscow 2023.csv"), sha256)
    ]
    answer = (folder / "moscow 2023.csv.report.txt").read_text(encoding="utf-8")
    assert "1 of 1 rows accepted" in answer
    assert answer.splitlines()[-1].endswith(sha256)
