"""Reading the revision of a source."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from city_indicators.catalog import Catalogue, Source
from city_indicators.catalog.source import Revision
from city_indicators.core.archive import Archive
from city_indicators.core.errors import SourceContractError, SourceUnavailableError
from city_indicators.core.snapshots import Snapshot
from city_indicators.ingest.fetch import SourceClient
from city_indicators.sources.http import session
from city_indicators.sources.revision import current, of_content
from tests.sources.http_server import Server, respond, running_server

LAST_MODIFIED = "Mon, 01 Jan 2024 00:00:00 GMT"


@pytest.fixture
def source(catalogue: Catalogue) -> Any:
    def with_revision(**declared: Any) -> Source:
        revision = Revision(**declared)
        return catalogue.sources["metro_systems"].model_copy(update={"revision": revision, "path": "/file"})

    return with_revision


def revision_of(source: Source, headers: Mapping[str, Mapping[str, str]]) -> str | None:
    def no_answer(path: str) -> bytes:
        raise AssertionError(path)

    return current(source, lambda path: headers[path], no_answer)


def test_an_etag_is_preferred_to_last_modified(source: Any) -> None:
    both = {"Last-Modified": LAST_MODIFIED, "ETag": '"7"'}
    assert revision_of(source(), {"/file": both}) == 'ETag:"7"'
    assert (
        revision_of(source(), {"/file": {"Last-Modified": LAST_MODIFIED}}) == f"Last-Modified:{LAST_MODIFIED}"
    )


def test_the_declared_header_alone_counts(source: Any) -> None:
    declared = source(header="X-SODA2-Truth-Last-Modified")
    assert revision_of(declared, {"/file": {"X-SODA2-Truth-Last-Modified": "1", "ETag": "2"}}) == (
        "X-SODA2-Truth-Last-Modified:1"
    )
    assert revision_of(declared, {"/file": {"ETag": "2"}}) is None


def test_every_address_has_its_part(source: Any) -> None:
    declared = source(paths=("/a", "/b"))
    assert revision_of(declared, {"/a": {"ETag": "1"}, "/b": {"ETag": "2"}}) == "ETag:1 ETag:2"


def test_one_address_without_a_revision_leaves_all_unknown(source: Any) -> None:
    assert revision_of(source(paths=("/a", "/b")), {"/a": {"ETag": "1"}, "/b": {}}) is None


def test_a_source_without_a_revision_is_not_requested(catalogue: Catalogue) -> None:
    assert revision_of(catalogue.sources["nasa_power"], {}) is None


def answer_of(source: Source, content: bytes) -> str | None:
    return current(source, lambda _: {}, lambda _: content)


def test_reads_the_last_update_of_the_world_bank(catalogue: Catalogue, shared: Any) -> None:
    recorded = (shared / "recorded/worldbank/TestSourcesService_Get__0.json").read_bytes()
    assert answer_of(catalogue.sources["world_bank"], recorded) == "/1/0/lastupdated:2021-05-25"


def test_an_answer_without_the_field_breaks_the_contract(catalogue: Catalogue) -> None:
    with pytest.raises(SourceContractError, match=r"no /1/0/lastupdated in '\[\{\}\]'"):
        answer_of(catalogue.sources["world_bank"], b"[{}]")


@pytest.mark.parametrize("content", [b"[{", b"\xff\xfe[", b"", b"[" * 100_000, b"9" * 5_000])
def test_a_truncated_or_other_answer_is_transient(catalogue: Catalogue, content: bytes) -> None:
    with pytest.raises(SourceUnavailableError, match="no JSON"):
        answer_of(catalogue.sources["world_bank"], content)


def test_the_bytes_of_all_answers_are_a_revision(snapshot_of: Any) -> None:
    def revision(*contents: bytes) -> str:
        snapshots: list[Snapshot] = [snapshot_of(content, "https://x.example/")[0] for content in contents]
        return of_content(snapshots)

    assert revision(b"a", b"b") == revision(b"a", b"b")
    assert len({revision(b"a", b"b"), revision(b"b", b"a"), revision(b"a"), revision()}) == 4


@pytest.fixture
def server() -> Iterator[Server]:
    yield from running_server()


@pytest.mark.parametrize(
    ("declared", "expected"), [({"field": "/0/updated"}, "/0/updated:2026-05-04"), ({}, 'ETag:"7"')]
)
def test_a_client_requests_the_revision_from_its_source(
    source: Any, server: Server, tmp_path: Path, declared: dict[str, str], expected: str
) -> None:
    server.will(respond(200, b'[{"updated": "2026-05-04"}]', ETag='"7"'))
    with session() as http:
        client = SourceClient(
            source(**declared), http, server.address, Archive(tmp_path), lambda: datetime.now(UTC)
        )
        assert client.revision() == expected
    assert [path for path, _ in server.requests] == ["/file"]
