"""Reads tables in JSON: an array of row objects, complete or in pages."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import parse_qs, urlsplit

from city_indicators.catalog.source import Layout, Paging
from city_indicators.core.snapshots import Snapshot
from city_indicators.sources.bounds import MAX_PAGES
from city_indicators.sources.records import Fetch, breach, parse_json


def pages(path: str, layout: Layout, paging: Paging, fetch: Fetch) -> Iterator[Snapshot]:
    """Fetch every page, in order, until one is shorter than requested.

    Raises:
        SourceContractError: a page is longer than requested or the same as one before, or there are too many.
    """
    before: list[str] = []
    rows = paging.size
    while rows == paging.size:
        number = len(before)
        counted = {paging.offset: number * paging.size} if paging.offset else {paging.page or "": number + 1}
        parameters = {paging.limit: paging.size, **counted}
        snapshot, content = fetch(
            path, layout.query | {name: str(value) for name, value in parameters.items()}
        )
        rows = len(objects(layout, snapshot, content))
        if rows > paging.size:
            raise breach(snapshot, f"{rows} rows on a page of {paging.size}: {paging.limit!r} is ignored")
        if rows and snapshot.sha256 in before:
            raise breach(
                snapshot,
                f"page {number + 1} repeats page {before.index(snapshot.sha256) + 1}: {counted} is ignored",
            )
        if rows == paging.size and number + 1 == MAX_PAGES:
            raise breach(snapshot, f"page {MAX_PAGES} is still full, and no more are read")
        yield snapshot
        before.append(snapshot.sha256)


def check_pages(paging: Paging, pages: Sequence[tuple[Snapshot, int]]) -> None:
    """Check the archived pages of one request, each with its number of rows.

    A page whose address does not number it is a file by itself.

    Raises:
        SourceContractError: a page is missing or there twice, two are the same, or one has too many rows.
    """
    numbered = {
        number: (snapshot, rows)
        for snapshot, rows in pages
        if (number := _number(paging, snapshot.url)) is not None
    }
    if not numbered:
        return
    snapshot, rows = numbered[max(numbered)]
    if len(numbered) != len(pages) or set(numbered) != set(range(len(numbered))):
        found = [number + 1 for number in sorted(numbered)]
        raise breach(
            snapshot, f"{len(pages)} answers are the pages {found[:20]}: one is missing or there twice"
        )
    odd = [number for number in numbered if numbered[number][1] != paging.size]
    if rows >= paging.size or odd != [max(numbered)]:
        raise breach(snapshot, f"only the last of {len(pages)} pages has less than {paging.size} rows")
    times = Counter(page.sha256 for page, rows in numbered.values() if rows)
    if times and max(times.values()) > 1:
        raise breach(snapshot, "two pages are the same")


def _number(paging: Paging, url: str) -> int | None:
    """The number of a page in its address, from 0 on."""
    query = parse_qs(urlsplit(url).query)
    text = query.get(paging.offset or paging.page or "", [""])[0]
    if not (text.isascii() and text.isdecimal() and len(text) < 12):
        return None
    return int(text) // paging.size if paging.offset else int(text) - 1


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
