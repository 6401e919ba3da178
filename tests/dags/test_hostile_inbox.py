"""Files with any name and of any kind in the inbox: each is answered alone, and the good ones are loaded."""

import asyncio
import json
import logging
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from airflow.sdk.serde import deserialize, serialize
from sqlalchemy import Engine

from city_indicators.core.names import escaped, unescaped
from city_indicators.intake.mailbox import Mailbox
from city_indicators.orchestration import inbox, receive, task_log
from tests import buckets
from tests.intake import hostile
from tests.queries import rows

LOADED = "select time_period from core.observation order by 1"


@pytest.fixture
def context(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The context of a task that is called outside of a run."""
    made: dict[str, str] = {}
    monkeypatch.setattr(task_log, "get_current_context", lambda: made)
    return made


@pytest.fixture
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The folder to which cities submit forms."""
    monkeypatch.setenv("CITY_INDICATORS_INBOX", (tmp_path / "inbox").as_uri())
    made = tmp_path / "inbox" / "submissions"
    made.mkdir(parents=True)
    return made


def test_the_event_of_the_trigger_can_be_stored_and_names_every_file(
    folder: Path, tmp_path: Path, warehouse: Engine
) -> None:
    hostile.drop(folder, tmp_path)

    async def found() -> list[str]:
        path, arguments = inbox.InboxTrigger(str(inbox.inbox("submissions")), 0.001, None).serialize()
        assert path == "city_indicators.orchestration.inbox.InboxTrigger"
        async for event in inbox.InboxTrigger(**json.loads(json.dumps(arguments))).run():
            return list(event.payload)
        raise AssertionError("the trigger ended without an event")

    payload = asyncio.run(found())
    # Airflow passes it on as JSON, and keeps it in PostgreSQL, which takes neither NUL nor half of a pair.
    stored = "select cast(:event as jsonb), cast(:event as text)"
    ((back, text),) = rows(warehouse, stored, event=json.dumps(serialize(payload), ensure_ascii=False))
    assert deserialize(back) == deserialize(json.loads(text)) == payload
    names = sorted(unescaped(inbox.name_of(address)) for address in payload)
    assert names == sorted([*hostile.NAMES.values(), *hostile.NO_FILES, hostile.HUGE])


def test_an_error_that_repeats_a_name_can_be_stored(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(mailbox: Mailbox) -> None:
        raise OSError("no listing of " + os.fsdecode(b"form-\xe9\n.csv"))

    monkeypatch.setattr(Mailbox, "looks", fails)

    async def event() -> str:
        async for event in inbox.InboxTrigger(str(folder), 0.001, None).run():
            return str(event.payload)
        raise AssertionError("the trigger ended without an event")

    assert asyncio.run(event()) == "OSError: no listing of form-%E9%0A.csv"


def test_one_run_answers_all_and_loads_the_good_ones(
    receive_forms: Callable[[], str],
    folder: Path,
    tmp_path: Path,
    warehouse: Engine,
    caplog: pytest.LogCaptureFixture,
) -> None:
    hostile.drop(folder, tmp_path)
    with caplog.at_level(logging.WARNING, logger="city_indicators.orchestration.notify"):
        assert receive_forms() == "success"
    assert rows(warehouse, LOADED) == [(str(year),) for year in sorted(hostile.NAMES)]
    expected = sorted(f"{inbox.inbox('submissions')}/{escaped(name)}" for name in hostile.NAMES.values())
    assert sorted(url for (url,) in rows(warehouse, "select url from archive.fetch_event")) == expected
    mailbox = Mailbox(folder)
    assert [name for name in mailbox.looks() if not mailbox.is_answered(name)] == []
    watch = inbox.Watch(inbox.inbox("submissions"))
    assert (watch.ready(), watch.ready()) == ([], [])
    for name in hostile.NO_FILES:
        text = (folder / f"{name.decode()}.report.txt").read_text(encoding="utf-8")
        assert f"{name.decode()}: The file was not read; nothing was loaded." in text
        assert "Why: a link or a device; send the file itself" in text
    assert "Why: 8589934592 bytes; a form has at most" in (folder / "sparse.csv.report.txt").read_text()
    shown = (folder / os.fsdecode(b"form-\xe9.csv.report.txt")).read_text(encoding="utf-8")
    assert shown.startswith("form-%E9.csv: ")
    aside = folder.parent / "quarantine" / "submissions" / "answer is a folder.csv.report.txt"
    assert "1 of 1 rows accepted" in aside.read_text(encoding="utf-8")
    assert "inbox: answer is a folder.csv is in quarantine" in caplog.text
    # The file that only we can read was neither archived nor changed.
    archived = list((tmp_path / "archive" / "sha256").glob("*/*"))
    assert sorted(file.read_bytes() for file in archived) == [
        hostile.form(year) for year in sorted(hostile.NAMES)
    ]
    assert (tmp_path / "secret.txt").read_bytes() == hostile.form(1999)


@pytest.mark.usefixtures("context")
def test_a_file_that_becomes_a_link_before_its_task_is_not_archived(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CITY_INDICATORS_ARCHIVE", (tmp_path / "archive").as_uri())
    (folder / "form.csv").write_bytes(hostile.form(2020))
    watch = inbox.Watch(inbox.inbox("submissions"))
    watch.ready()
    (address,) = watch.ready()
    (tmp_path / "secret.csv").write_bytes(hostile.form(1999))
    (folder / "form.csv").unlink()
    (folder / "form.csv").symlink_to(tmp_path / "secret.csv")
    received = receive.archive.function("city_submission", address)
    assert received["fault"] == "a link or a device; send the file itself"
    assert "snapshot" not in received
    assert not (tmp_path / "archive").exists()


def test_a_file_that_cannot_be_compared_with_its_answer_does_not_stop_the_others(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mailbox = Mailbox(folder)
    for name in ("broken.csv", "good.csv"):
        (folder / name).write_bytes(hostile.form(2020))
        mailbox.answer(name, mailbox.fingerprint(name), "thank you")
    (folder / "new.csv").write_bytes(hostile.form(2021))
    own = Mailbox.fingerprint

    def damaged(self: Mailbox, name: str) -> str:
        if name == "broken.csv":
            raise OSError(5, "Input/output error")
        return own(self, name)

    monkeypatch.setattr(Mailbox, "fingerprint", damaged)
    watch = inbox.Watch(folder)
    watch.ready()
    assert [inbox.name_of(address) for address in watch.ready()] == ["broken.csv", "new.csv"]


@pytest.mark.parametrize("name", ["two\ttabs.csv", "100%25 a?b#c.csv", "n" * 300 + ".csv", "\u202egnp.csv"])
def test_an_object_with_any_key_is_answered(
    bucket_server: str,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    context: dict[str, str],
    name: str,
) -> None:
    monkeypatch.setenv("CITY_INDICATORS_INBOX", buckets.folder(bucket_server, monkeypatch))
    monkeypatch.setenv("CITY_INDICATORS_ARCHIVE", (tmp_path / "archive").as_uri())
    folder = inbox.inbox("submissions")
    (folder / name).write_bytes(hostile.form(2020))
    watch = inbox.Watch(folder)
    watch.ready()
    (address,) = watch.ready()
    received = receive.archive.function("city_submission", address)
    assert "snapshot" in received
    # Airflow stores at most 250 characters of the name in the grid.
    (shown,) = context.values()
    assert len(shown) <= 250
    assert inbox.name_of(address).startswith(shown)
    inbox.write_answer(address, received["sha256"], "thank you")
    assert (watch.ready(), watch.ready()) == ([], [])
    assert inbox.Watch(folder).ready() == []


@pytest.mark.usefixtures("context")
def test_a_large_object_is_not_read(bucket_server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CITY_INDICATORS_INBOX", buckets.folder(bucket_server, monkeypatch))
    folder = inbox.inbox("submissions")
    (folder / "large.csv").write_bytes(bytes(11 << 20))
    received = receive.archive.function("city_submission", f"{folder}/large.csv")
    assert received["fault"] == "11534336 bytes; a form has at most 10485760"
    assert received["sha256"] == "unknown: a file of 11534336 bytes is not read"
