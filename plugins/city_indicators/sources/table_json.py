"""Reads tables in JSON: an array of row objects, complete or in pages."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from city_indicators.catalog.source import Layout, Paging
from city_indicators.core.snapshots import Snapshot
from city_indicators.sources.records import Fetch, breach, parse_json


def pages(path: str, layout: Layout, paging: Paging, fetch: Fetch) -> Iterator[Snapshot]:
    """Fetch every page, in order, until one is shorter than requested.

    Raises:
        SourceContractError: a page is longer than requested, or the same as the one before.
    """
    before = ""
    number = 0
    rows = paging.size
    while rows == paging.size:
        counted = {paging.offset: number * paging.size} if paging.offset else {paging.page or "": number + 1}
        parameters = {paging.limit: paging.size, **counted}
        snapshot, content = fetch(
            path, layout.query | {name: str(value) for name, value in parameters.items()}
        )
        rows = len(objects(layout, snapshot, content))
        if rows > paging.size:
            raise breach(snapshot, f"{rows} rows on a page of {paging.size}: {paging.limit!r} is ignored")
        if rows and snapshot.sha256 == before:
            raise breach(snapshot, f"page {number + 1} repeats the one before: {counted} is ignored")
        yield snapshot
        before = snapshot.sha256
        number += 1


def empty_page(layout: Layout) -> bytes:
    """An answer without rows."""
    answer: Any = []
    for key in reversed(layout.records.split(".") if layout.records else []):
        answer = {key: answer}
    return json.dumps(answer).encode()


def objects(layout: Layout, snapshot: Snapshot, content: bytes) -> list[tuple[str, Mapping[str, Any]]]:
    """The JSON pointer and the cells of each row of an answer.

    Raises:
        SourceContractError: the answer is not the array of objects that the layout declares.
        SourceUnavailableError: the JSON is truncated.
    """
    answer = _parsed(layout, snapshot, content)
    pointer = ""
    for key in layout.records.split(".") if layout.records else []:
        answer = _inner(answer, key, pointer, snapshot)
        pointer += f"/{escaped(key)}"
    if not isinstance(answer, list):
        raise breach(snapshot, f"no array of rows at {pointer or 'the top'}: {str(answer)[:120]}")
    return [_row(row, f"{pointer}/{number}", layout, snapshot) for number, row in enumerate(answer)]


def escaped(key: str) -> str:
    """A key as a step of a JSON pointer."""
    return key.replace("~", "~0").replace("/", "~1")


def _parsed(layout: Layout, snapshot: Snapshot, content: bytes) -> Any:
    try:
        text = content.decode(layout.encoding).lstrip()
    except UnicodeDecodeError as error:
        raise breach(snapshot, f"the bytes are not {layout.encoding}: {error}") from error
    if text.startswith("<"):
        raise breach(snapshot, f"a page of HTML or XML instead of JSON: {text[:120]!r}")
    return parse_json(snapshot, text)


def _row(row: Any, pointer: str, layout: Layout, snapshot: Snapshot) -> tuple[str, Mapping[str, Any]]:
    if layout.row is not None:
        row = _inner(row, layout.row, pointer, snapshot)
        pointer += f"/{escaped(layout.row)}"
    if not isinstance(row, dict):
        raise breach(snapshot, f"no row at {pointer} but {str(row)[:120]!r}")
    return pointer, row


def _inner(answer: Any, key: str, pointer: str, snapshot: Snapshot) -> Any:
    if not isinstance(answer, dict) or key not in answer:
        raise breach(snapshot, f"no {key!r} at {pointer or 'the top'}: {str(answer)[:120]}")
    return answer[key]
