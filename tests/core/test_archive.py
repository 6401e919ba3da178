"""The archive stores bytes under their sha256 and returns exactly these bytes."""

import hashlib
import json
import os
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from city_indicators.core.archive import Archive
from city_indicators.core.errors import ArchiveError
from city_indicators.core.snapshots import Answer, Snapshot
from city_indicators.core.storage import write_atomically
from tests import buckets

AT = datetime(2026, 11, 23, 6, 30, tzinfo=UTC)
CONTENT = "Entity,Code,Year\nRéunion,REU,2020\n".encode()
SHA256 = hashlib.sha256(CONTENT).hexdigest()


def answer(content: bytes = CONTENT, url: str = "https://publisher.example/data.csv") -> Answer:
    return Answer(url, content, "text/csv", '"7"', "Mon, 01 Jan 2024 00:00:00 GMT")


@pytest.fixture
def archive(storage: str) -> Archive:
    from airflow.sdk import ObjectStoragePath

    return Archive(ObjectStoragePath(storage))


def objects(archive: Archive) -> list[Path]:
    return sorted(path for path in archive.root.rglob("*") if path.is_file())


def test_reads_back_what_was_stored(archive: Archive) -> None:
    assert archive.read(archive.store("publisher", answer(), AT).sha256) == CONTENT


def test_a_snapshot_records_the_origin_of_its_bytes(archive: Archive) -> None:
    assert archive.store("publisher", answer(), AT) == Snapshot(
        source="publisher",
        url="https://publisher.example/data.csv",
        sha256=SHA256,
        byte_count=len(CONTENT),
        media_type="text/csv",
        fetched_at=AT,
        etag='"7"',
        last_modified="Mon, 01 Jan 2024 00:00:00 GMT",
    )


def test_the_object_is_stored_under_its_sha256(archive: Archive) -> None:
    archive.store("publisher", answer(), AT)
    assert objects(archive) == [archive.root / "sha256" / SHA256[:2] / SHA256]


def test_equal_bytes_are_written_once(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    written = []

    def write(path: Path, content: bytes) -> None:
        written.append(path)
        write_atomically(path, content)

    monkeypatch.setattr("city_indicators.core.archive.write_atomically", write)
    first = archive.store("publisher", answer(), AT)
    again = archive.store("another", answer(url="https://mirror.example/data.csv"), AT.replace(day=24))
    assert first.sha256 == again.sha256
    assert written == objects(archive)


def test_two_writers_of_the_same_bytes_do_not_disturb_a_reader(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = Archive(tmp_path)
    fsync, reads = os.fsync, []

    def meanwhile(file: int) -> None:
        fsync(file)
        if not reads:
            reads.append(archive.holds(SHA256))
            archive.store("another", answer(), AT)
            reads.append(archive.read(SHA256))

    monkeypatch.setattr(os, "fsync", meanwhile)
    archive.store("publisher", answer(), AT)
    assert reads == [False, CONTENT]
    assert archive.read(SHA256) == CONTENT
    assert len(objects(archive)) == 1


def test_writes_an_object_of_a_bucket_with_one_put(
    bucket_server: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from airflow.sdk import ObjectStoragePath

    archive = Archive(ObjectStoragePath(buckets.folder(bucket_server, monkeypatch)))
    with caplog.at_level("INFO", logger="werkzeug"):
        archive.store("publisher", answer(), AT)
    changing = re.findall(r"\b(PUT|POST|DELETE) \S*/(\S+)", "\n".join(caplog.messages))
    assert changing == [("PUT", SHA256)]


def test_different_bytes_are_stored_separately(archive: Archive) -> None:
    first = archive.store("publisher", answer(), AT)
    second = archive.store("publisher", answer(CONTENT + b"\n"), AT)
    assert archive.read(first.sha256) == CONTENT
    assert archive.read(second.sha256) == CONTENT + b"\n"


def test_stores_an_empty_answer(archive: Archive) -> None:
    assert archive.read(archive.store("publisher", answer(b""), AT).sha256) == b""


@pytest.mark.parametrize("left", [b"", CONTENT[:10], CONTENT + b"tail", CONTENT.replace(b"2020", b"2021")])
def test_storing_the_same_bytes_repairs_a_damaged_object(archive: Archive, left: bytes) -> None:
    archive.store("publisher", answer(), AT)
    objects(archive)[0].write_bytes(left)
    archive.store("publisher", answer(), AT)
    assert archive.read(SHA256) == CONTENT


@pytest.mark.parametrize("left", [b"", CONTENT[:-1], CONTENT.replace(b"2020", b"2021")])
def test_damaged_bytes_are_never_returned(archive: Archive, left: bytes) -> None:
    archive.store("publisher", answer(), AT)
    objects(archive)[0].write_bytes(left)
    with pytest.raises(
        ArchiveError, match=f"{SHA256}: the bytes have sha256 {hashlib.sha256(left).hexdigest()}"
    ):
        archive.read(SHA256)


def test_a_missing_snapshot_is_an_error_with_the_next_step(archive: Archive) -> None:
    with pytest.raises(ArchiveError, match=f"{SHA256}: the snapshot is missing. Next step: "):
        archive.read(SHA256)


@pytest.mark.parametrize("revision", ['"7"', None])
def test_a_snapshot_round_trips_through_json(revision: str | None) -> None:
    snapshot = Snapshot("publisher", "https://publisher.example/?a=é", SHA256, 34, "text/csv", AT, revision)
    assert Snapshot.from_json(json.loads(json.dumps(snapshot.to_json()))) == snapshot


def test_json_keeps_microseconds_and_time_zone() -> None:
    at = datetime(2026, 11, 23, 6, 30, 0, 123456, tzinfo=UTC)
    snapshot = Snapshot("publisher", "https://publisher.example/", SHA256, 34, "text/csv", at)
    assert snapshot.to_json()["fetched_at"] == "2026-11-23T06:30:00.123456+00:00"
    assert Snapshot.from_json(snapshot.to_json()).fetched_at == at
