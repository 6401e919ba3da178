"""Verification of the archive: what is missing, damaged or unknown, what is healed, and where it is shown."""

import os
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from sqlalchemy import URL, Engine, text

from city_indicators.__main__ import main
from city_indicators.catalog.source import ApiKey
from city_indicators.core.archive import Archive
from city_indicators.core.errors import ArchiveVerificationError
from city_indicators.core.snapshots import Answer
from city_indicators.ingest import verify_archive
from city_indicators.ingest.verify_archive import Finding, Verification, publishers, require_complete, verify
from city_indicators.orchestration.digest import compose, day
from city_indicators.warehouse.ledger import record_fetches
from tests.warehouse.conftest import CATALOGUE, Publisher
from tests.warehouse.pages import PREFIX, mounted

Query = Callable[[str], list[tuple[Any, ...]]]
AT = datetime(2026, 11, 22, 3, tzinfo=UTC)
OBSERVED = {"RUS": 60000, "CHN": 28000}


class Served(BaseHTTPRequestHandler):
    """Serves the bytes of each path in `pages`, and records the requests."""

    pages: dict[str, bytes]
    requests: list[str]

    def do_GET(self) -> None:
        self.requests.append(self.path)
        body = self.pages.get(self.path)
        self.send_response(200 if body is not None else 404)
        self.send_header("Content-Length", str(len(body or b"")))
        self.end_headers()
        self.wfile.write(body or b"")

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def served() -> Iterator[type[Served]]:
    handler = type("Handler", (Served,), {"pages": {}, "requests": []})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    handler.address = f"http://127.0.0.1:{server.server_port}"
    Thread(target=server.serve_forever, daemon=True).start()
    yield handler
    server.shutdown()
    server.server_close()


@pytest.fixture
def archive(storage: str) -> Archive:
    from airflow.sdk import ObjectStoragePath

    return Archive(ObjectStoragePath(storage))


@pytest.fixture
def local(tmp_path: Path) -> Archive:
    return Archive(tmp_path / "archive")


def fetched(
    warehouse: Engine, archive: Archive, url: str, content: bytes, source: str = "owid_grapher"
) -> str:
    """Archive an answer and record its fetch in the ledger; returns its sha256."""
    snapshot = archive.store(source, Answer(url, content, "text/csv", None, None), AT - timedelta(days=9))
    with warehouse.begin() as connection:
        record_fetches(connection, [snapshot])
    return snapshot.sha256


def path_of(archive: Archive, sha256: str) -> Path:
    return archive.root / "sha256" / sha256[:2] / sha256


def nobody(source: str, url: str) -> None:
    return None


def clock() -> datetime:
    return AT


def test_an_intact_archive(warehouse: Engine, archive: Archive, query: Query) -> None:
    fetched(warehouse, archive, "https://a.example/1", b"one")
    fetched(warehouse, archive, "https://a.example/2", b"second")
    result = verify(warehouse, archive, nobody, clock)
    assert result == Verification(AT, AT, 2, 9, ())
    require_complete(archive, result)
    assert query(
        "select started_at, objects, byte_count, missing, damaged, unknown, healed from archive.verification"
    ) == [(AT, 2, 9, 0, 0, 0, 0)]


@pytest.mark.parametrize("left", [b"", b"wrong", b"oned"])
def test_missing_damaged_and_unknown_objects_are_found(
    warehouse: Engine, archive: Archive, query: Query, left: bytes
) -> None:
    damaged, missing, intact = (
        fetched(warehouse, archive, f"https://a.example/{n}", content)
        for n, content in enumerate([b"one", b"two", b"three"])
    )
    path_of(archive, damaged).write_bytes(left)
    path_of(archive, missing).unlink()
    # Of a load that failed before it was recorded.
    unknown = archive.store("owid_grapher", Answer("u", b"stray", "text/csv", None, None), AT).sha256
    (archive.root / "sha256" / intact[:2] / ".half.written").write_bytes(b"thr")
    result = verify(warehouse, archive, nobody, clock)
    assert result.counts == {"missing": 1, "damaged": 1, "unknown": 2, "healed": 0}
    assert {found.object: found.finding for found in result.findings} == {
        damaged: "damaged",
        missing: "missing",
        unknown: "unknown",
        f"{intact[:2]}/.half.written": "unknown",
    }
    assert (result.objects, result.byte_count) == (4, len(left) + 5 + 5 + 3)
    with pytest.raises(ArchiveVerificationError, match="1 files of the ledger are missing and 1 are damaged"):
        require_complete(archive, result)
    assert query(
        "select object, finding, healed_from from archive.verification_finding order by 1"
    ) == sorted((found.object, found.finding, None) for found in result.findings)
    assert sorted(query("select sha256, file_state, verified_at from archive.lost_file")) == sorted(
        [(damaged, "damaged", AT), (missing, "missing", AT)]
    )


def test_what_the_publisher_still_serves_is_healed(
    warehouse: Engine, archive: Archive, served: type[Served], query: Query
) -> None:
    same, changed, gone, late = (
        fetched(warehouse, archive, f"{served.address}/{name}?v=1", name.encode())
        for name in ("same", "changed", "gone", "late")
    )
    fetched(warehouse, archive, f"{served.address}/moved", b"late")
    served.pages.update({"/same?v=1": b"same", "/changed?v=1": b"other bytes", "/moved": b"late"})
    path_of(archive, same).write_bytes(b"sane")
    for sha256 in (changed, gone, late):
        path_of(archive, sha256).unlink()
    with publishers(CATALOGUE.sources) as fetch_again:
        result = verify(warehouse, archive, fetch_again, clock)
    assert {found.object: found.healed_from for found in result.findings} == {
        same: f"{served.address}/same?v=1",
        changed: None,
        gone: None,
        late: f"{served.address}/moved",
    }
    assert result.counts == {"missing": 2, "damaged": 0, "unknown": 0, "healed": 2}
    assert (archive.read(same), archive.read(late)) == (b"same", b"late")
    assert not archive.holds(changed)
    assert {row[0] for row in query("select sha256 from archive.lost_file")} == {changed, gone}
    with publishers(CATALOGUE.sources) as fetch_again:
        again = verify(warehouse, archive, fetch_again, clock)
    assert again.counts == {"missing": 2, "damaged": 0, "unknown": 0, "healed": 0}


@pytest.mark.parametrize("reason", ["key", "quota", "submission", "departed"])
def test_only_sources_without_key_and_quota_are_fetched_again(
    warehouse: Engine, local: Archive, served: type[Served], reason: str
) -> None:
    sha256 = fetched(warehouse, local, f"{served.address}/data", b"data")
    served.pages["/data"] = b"data"
    path_of(local, sha256).unlink()
    source = CATALOGUE.sources["owid_grapher"]
    metered = next(each for each in CATALOGUE.sources.values() if each.quota)
    changed = {
        "key": source.model_copy(update={"key": ApiKey(header="X-Key")}),
        "quota": source.model_copy(update={"quota": metered.quota}),
        "submission": CATALOGUE.sources["city_submission"],
    }
    sources = {"owid_grapher": changed[reason]} if reason in changed else {}
    with publishers(sources) as fetch_again:
        assert verify(warehouse, local, fetch_again, clock).counts["missing"] == 1
    assert served.requests == []


def test_requests_to_publishers_are_bounded(
    warehouse: Engine, local: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verify_archive, "MOST_REQUESTS", 3)
    for n in range(5):
        path_of(local, fetched(warehouse, local, f"https://a.example/{n}", str(n).encode())).unlink()
    requested = []
    result = verify(warehouse, local, lambda _, url: requested.append(url), clock)
    assert result.counts["missing"] == 5
    assert len(requested) == 3


def test_bytes_that_the_disk_cannot_read_are_damaged(
    warehouse: Engine, local: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    sha256 = fetched(warehouse, local, "https://a.example/1", b"one")
    fetched(warehouse, local, "https://a.example/2", b"two")
    own = Archive.digest

    def worn_out(self: Archive, name: str) -> tuple[str, int]:
        if name == sha256:
            raise OSError(5, os.strerror(5))
        return own(self, name)

    monkeypatch.setattr(Archive, "digest", worn_out)
    assert verify(warehouse, local, nobody, clock).findings == (Finding(sha256, "damaged"),)


def test_a_file_that_is_fetched_again_is_no_longer_lost(
    warehouse: Engine, local: Archive, query: Query
) -> None:
    sha256 = fetched(warehouse, local, "https://a.example/1", b"one")
    path_of(local, sha256).unlink()
    verify(warehouse, local, nobody, clock)
    assert query("select count(*) from archive.lost_file") == [(1,)]
    again = local.store(
        "owid_grapher", Answer("https://a.example/1", b"one", "text/csv", None, None), AT + timedelta(1)
    )
    with warehouse.begin() as connection:
        record_fetches(connection, [again])
    assert query("select count(*) from archive.lost_file") == [(0,)]


def test_lineage_says_that_a_file_is_lost(
    publisher: Publisher, warehouse: Engine, warehouse_url: URL, query: Query
) -> None:
    def page(language: str) -> str:
        address = f"{PREFIX}/lineage/observation?ref_area=RUS&indicator=ENERGY_PC&time_period=2019"
        answer = mounted(warehouse_url, publisher.folder).get(
            f"{address}&source=owid_grapher&language={language}"
        )
        assert answer.status_code == 200
        return answer.text

    publisher.load(OBSERVED)
    call = (
        "select sha256, file_state, file_verified_at from report.lineage('observation', "
        '\'{"ref_area": "RUS", "indicator": "ENERGY_PC", "time_period": "2019", "source": "owid_grapher"}\')'
    )
    ((sha256, *state),) = query(call)
    assert state == [None, None]
    assert 'class="bad"' not in page("en")
    archive = Archive(publisher.folder / "archive")
    path_of(archive, sha256).write_bytes(b"rotten")
    verify(warehouse, archive, nobody, clock)
    assert query(call) == [(sha256, "damaged", AT)]
    assert "this file was damaged: its content had another SHA-256." in page("en")
    assert "этот файл был повреждён" in page("ru")
    path_of(archive, sha256).unlink()
    verify(warehouse, archive, nobody, clock)
    assert query(call) == [(sha256, "missing", AT)]
    assert "this file was missing from the archive." in page("en")
    assert "存档里没有这个文件" in page("zh")


@pytest.mark.parametrize(
    ("language", "never", "headings"),
    [
        ("en", "The archive has not been verified yet.", ("Missing", "Damaged", "Unknown", "Healed")),
        ("ru", "Архив ещё не проверялся.", ("Отсутствуют", "Повреждены", "Неизвестны", "Восстановлены")),
        ("zh", "存档尚未核验。", ("缺失", "损坏", "未登记", "已修复")),
    ],
)
def test_the_page_shows_the_latest_verification(
    warehouse: Engine,
    local: Archive,
    tmp_path: Path,
    language: str,
    never: str,
    headings: tuple[str, ...],
) -> None:
    def page() -> str:
        return str(mounted(warehouse.url, tmp_path).get(f"{PREFIX}/quality?language={language}").text)

    assert never in page()
    for n in range(3):
        fetched(warehouse, local, f"https://a.example/{n}", bytes(400_000 + n))
    verify(warehouse, local, nobody, clock)
    path_of(local, fetched(warehouse, local, "https://a.example/9", b"nine")).unlink()
    verify(warehouse, local, nobody, lambda: AT + timedelta(days=7))
    shown = page()
    assert never not in shown
    headings_shown = re.findall(r"<th[^>]*>([^<]*)</th>", shown)
    assert tuple(headings_shown[-4:]) == headings
    at, objects, byte_count, *counts = re.findall(r"<td[^>]*>([^<]*)</td>", shown)
    assert "29" in at
    assert (objects, re.sub(r"\D", "", byte_count)) == ("3", "1200003")
    assert counts == ["1", "0", "0", "0"]
    assert '<td class="n bad">1</td>' in shown


def test_the_digest_says_what_is_lost_until_it_is_found(warehouse: Engine, local: Archive) -> None:
    def lines() -> list[str]:
        with warehouse.connect() as connection:
            text = compose(day(connection, AT, AT + timedelta(days=1)), [], "https://airflow.example").text
        return text.partition("latest verification of the archive:\n")[2].splitlines()[:1]

    sha256 = fetched(warehouse, local, "https://a.example/1", b"one")
    assert lines() == ["  none"]
    verify(warehouse, local, nobody, clock)
    assert lines() == ["  2026-11-22: 1 files read, 0 missing, 0 damaged, 0 unknown, 0 healed"]
    path_of(local, sha256).unlink()
    verify(warehouse, local, nobody, clock)
    assert lines() == [
        "  2026-11-22: 0 files read, 1 missing, 0 damaged, 0 unknown, 0 healed. "
        f"Next step: restore {sha256} and the other files of archive.lost_file"
    ]


def test_the_command_prints_stores_and_fails(
    warehouse: Engine, local: Archive, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CITY_INDICATORS_ARCHIVE", local.root.as_uri())
    arguments = ["archive", "verify", "--warehouse", warehouse.url.render_as_string(hide_password=False)]
    sha256 = fetched(warehouse, local, "http://127.0.0.1:9/none", b"one", "city_submission")
    assert main(arguments) == 0
    assert capsys.readouterr().out == "1 objects, 3 bytes: 0 missing, 0 damaged, 0 unknown, 0 healed\n"
    path_of(local, sha256).unlink()
    assert main(arguments) == 2
    printed = capsys.readouterr()
    assert printed.out.splitlines()[0] == f"missing {sha256}"
    assert f"the first is {sha256} (missing). Next step: restore them from a backup" in printed.err
    with warehouse.connect() as connection:
        assert connection.execute(text("select count(*) from archive.verification")).scalar_one() == 2
