"""What a source tells of its revision, and what it does not."""

from collections.abc import Mapping
from typing import Any

import pytest

from city_indicators.catalog import Catalogue, Source
from city_indicators.catalog.source import Revision
from city_indicators.core.errors import SourceContractError, SourceUnavailableError
from city_indicators.core.snapshots import Snapshot
from city_indicators.sources.revision import current, of_content

LAST_MODIFIED = "Mon, 01 Jan 2024 00:00:00 GMT"


@pytest.fixture
def source(catalogue: Catalogue) -> Any:
    def with_revision(**declared: Any) -> Source:
        revision = Revision(**declared)
        return catalogue.sources["metro_systems"].model_copy(update={"revision": revision, "path": "/file"})

    return with_revision


def told(source: Source, headers: Mapping[str, Mapping[str, str]]) -> str | None:
    def no_answer(path: str) -> bytes:
        raise AssertionError(path)

    return current(source, lambda path: headers[path], no_answer)


def test_an_etag_is_taken_before_the_day_of_change(source: Any) -> None:
    both = {"Last-Modified": LAST_MODIFIED, "ETag": '"7"'}
    assert told(source(), {"/file": both}) == 'ETag:"7"'
    assert told(source(), {"/file": {"Last-Modified": LAST_MODIFIED}}) == f"Last-Modified:{LAST_MODIFIED}"


def test_the_declared_header_alone_counts(source: Any) -> None:
    declared = source(header="X-SODA2-Truth-Last-Modified")
    assert told(declared, {"/file": {"X-SODA2-Truth-Last-Modified": "1", "ETag": "2"}}) == (
        "X-SODA2-Truth-Last-Modified:1"
    )
    assert told(declared, {"/file": {"ETag": "2"}}) is None


def test_every_address_has_its_part(source: Any) -> None:
    declared = source(paths=("/a", "/b"))
    assert told(declared, {"/a": {"ETag": "1"}, "/b": {"ETag": "2"}}) == "ETag:1 ETag:2"


def test_one_address_that_tells_nothing_leaves_all_unknown(source: Any) -> None:
    assert told(source(paths=("/a", "/b")), {"/a": {"ETag": "1"}, "/b": {}}) is None


def test_a_source_that_declares_none_is_not_asked(catalogue: Catalogue) -> None:
    assert told(catalogue.sources["nasa_power"], {}) is None


def answer_of(source: Source, content: bytes) -> str | None:
    return current(source, lambda _: {}, lambda _: content)


def test_the_world_bank_tells_the_day_of_its_last_update(catalogue: Catalogue, shared: Any) -> None:
    recorded = (shared / "recorded/worldbank/TestSourcesService_Get__0.json").read_bytes()
    assert answer_of(catalogue.sources["world_bank"], recorded) == "/1/0/lastupdated:2021-05-25"


def test_an_answer_without_the_field_breaks_the_contract(catalogue: Catalogue) -> None:
    with pytest.raises(SourceContractError, match=r"no /1/0/lastupdated in '\[\{\}\]'"):
        answer_of(catalogue.sources["world_bank"], b"[{}]")


@pytest.mark.parametrize("content", [b"[{", b"\xff\xfe[", b"", b"[" * 100_000, b"9" * 5_000])
def test_an_answer_that_breaks_off_or_is_no_json_may_pass(catalogue: Catalogue, content: bytes) -> None:
    with pytest.raises(SourceUnavailableError, match="no JSON"):
        answer_of(catalogue.sources["world_bank"], content)


def test_the_bytes_of_all_answers_are_a_revision(snapshot_of: Any) -> None:
    def revision(*contents: bytes) -> str:
        snapshots: list[Snapshot] = [snapshot_of(content, "https://x.example/")[0] for content in contents]
        return of_content(snapshots)

    assert revision(b"a", b"b") == revision(b"a", b"b")
    assert len({revision(b"a", b"b"), revision(b"b", b"a"), revision(b"a"), revision()}) == 4
