"""World Bank Indicators API v2: paged JSON; errors come with status 200.

Format: https://datahelpdesk.worldbank.org/knowledgebase/articles/898581
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import parse_qs, unquote, urlsplit

from city_indicators.catalog.models import Catalogue
from city_indicators.catalog.source import Series, Source
from city_indicators.core.intervals import Interval
from city_indicators.core.snapshots import Snapshot
from city_indicators.sources.bounds import MAX_PAGES, MAX_ROWS
from city_indicators.sources.records import (
    Archived,
    Fetch,
    Record,
    as_text,
    breach,
    changed,
    check_area_names,
    parse_json,
    truncated,
)

PER_PAGE: Final = 1000
REQUIRED: Final = ("indicator", "country", "countryiso3code", "date", "value")
COUNTS: Final = ("page", "pages", "per_page", "total")
SELF_STATEMENTS: Final = {
    "page": "the number of the page, from 1 on",
    "pages": "how many pages of `per_page` rows `total` needs",
    "per_page": "the rows of every page but the last",
    "total": "the rows of all pages",
    "lastupdated": "the revision, the same on all pages",
    "indicator.id": "the series of a row, which is the requested one",
    "indicator.value": "the title of that series",
    "unit": "the unit of a row, which is empty",
    "country.id": "the country's ISO 3166-1 alpha-2 code, beside its alpha-3 code",
    "country.value": "the country's name, beside its code",
}
"""What an answer says about itself: it is refused if its rows, another page or the catalogue differ."""


@dataclass(frozen=True)
class Header:
    """What a page says about itself and the other pages."""

    page: int
    pages: int
    per_page: int
    total: int
    lastupdated: object

    @property
    def rows(self) -> int:
        """How many rows the page has by these counts."""
        return min(self.per_page, max(0, self.total - (self.page - 1) * self.per_page))


@dataclass
class Pages:
    """The pages of one request that were read so far: the last one, its header, and where each row was."""

    snapshot: Snapshot | None = None
    header: Header | None = None
    numbers: set[int] = field(default_factory=set)
    rows: dict[tuple[str, ...], int] = field(default_factory=dict)

    @property
    def missing(self) -> list[int]:
        """The numbers of the pages that are still to be read."""
        pages = self.header.pages if self.header else 1
        return [number for number in range(1, max(1, pages) + 1) if number not in self.numbers]

    def add(self, snapshot: Snapshot, header: Header, rows: list[Any]) -> None:
        """Add a page.

        Raises:
            SourceContractError: the page or one of its rows was read already, or there are too many.
            SourceUnavailableError: its counts or revision are not those of the page before.
        """
        before, number = self.header, max(1, header.page)
        if header.pages > MAX_PAGES or header.total > MAX_ROWS:
            raise breach(
                snapshot,
                f"{header.pages} pages of {header.total} rows, more than {MAX_PAGES} or {MAX_ROWS}",
            )
        if before and _shared(before) != _shared(header):
            changes = f"{_shared(before)} to {_shared(header)}"
            raise truncated(snapshot, f"it changed from one page to the next: {changes}")
        if number in self.numbers:
            raise breach(snapshot, f"page {number} was sent already")
        for position, row in enumerate(rows):
            key = _key(row)
            if self.rows.setdefault(key, number) != number:
                raise breach(snapshot, f"/1/{position} repeats a row of page {self.rows[key]}: {key}")
        self.snapshot, self.header = snapshot, header
        self.numbers.add(number)


def fetch(source: Source, catalogue: Catalogue, interval: Interval, fetch: Fetch) -> list[Snapshot]:
    """One request per series and page, for our countries and the interval's years."""
    countries = ";".join(catalogue.ref_areas(source))
    snapshots = []
    for series in source.series:
        read = Pages()
        while missing := read.missing:
            snapshot, content = fetch(
                f"/v2/country/{countries}/indicator/{series.code}",
                {
                    "format": "json",
                    "date": f"{interval.years[0]}:{interval.years[-1]}",
                    "per_page": str(PER_PAGE),
                    "page": str(missing[0]),
                },
            )
            snapshots.append(snapshot)
            header, rows = _page(snapshot, content, missing[0])
            read.add(snapshot, header, rows)
    return snapshots


def empty_page(source: Source) -> bytes:  # noqa: ARG001
    """An answer that is one page without rows."""
    return b'[{"page": 1, "pages": 0, "per_page": 1000, "total": 0}, []]'


def read(source: Source, archived: Archived, interval: Interval) -> Iterator[Record]:  # noqa: ARG001
    """One record per country and year.

    Raises:
        SourceContractError: an answer breaks the format, contradicts itself, or a page is missing.
        SourceUnavailableError: an answer is truncated, or the pages are of several revisions.
    """
    by_code = {series.code: series for series in source.series}
    requests: dict[str, Pages] = {}
    for snapshot, content in archived:
        request, number, codes = _requested(snapshot)
        header, rows = _page(snapshot, content, number)
        # A page whose address does not number it is a file from somebody's hands: the others are unknown.
        if number is not None:
            requests.setdefault(request, Pages()).add(snapshot, header, rows)
        for position, row in enumerate(rows):
            pointer = f"/1/{position}"
            try:
                yield _record(source, _series(by_code, codes, row, snapshot, pointer), row, snapshot, pointer)
            except (KeyError, TypeError) as error:
                raise breach(snapshot, f"{pointer} has another shape than promised: {error!r}") from error
    for pages in requests.values():
        if pages.missing and pages.snapshot:
            raise breach(pages.snapshot, f"the pages {pages.missing[:10]} of this request are missing")


def _requested(snapshot: Snapshot) -> tuple[str, int | None, list[str] | None]:
    """The address of a page without its number, the number, and the series; None if it does not name them."""
    address = urlsplit(snapshot.url)
    query = parse_qs(address.query)
    numbers = query.pop("page", [])
    steps = unquote(address.path).split("/")
    kind = next((step for step in ("indicator", "indicators") if step in steps[:-1]), None)
    codes = steps[steps.index(kind) + 1].split(";") if kind else None
    number = int(numbers[0]) if len(numbers) == 1 and numbers[0].isdecimal() else None
    return f"{address.path}?{sorted(query.items())}", number, codes


def _page(snapshot: Snapshot, content: bytes, number: int | None) -> tuple[Header, list[Any]]:
    """Header and rows of a page, which must agree with each other and with the requested number."""
    sent, rows = _parse(snapshot, content)
    counts = {name: _count(snapshot, sent, name) for name in COUNTS}
    header = Header(**counts, lastupdated=sent.get("lastupdated"))
    pages = -(-header.total // header.per_page) if header.per_page else 0
    # An empty answer is page 0, or page 1 of none.
    if header.pages != pages or (header.total and not 1 <= header.page <= pages):
        raise breach(snapshot, f"the header contradicts itself: {counts}")
    if len(rows) != (header.rows if header.total else 0):
        raise breach(snapshot, f"the page has {len(rows)} rows, but its header says {counts}")
    if number is not None and header.page != number and (header.total or number != 1):
        raise breach(snapshot, f"requested page {number}, the answer is page {header.page}")
    return header, rows


def _count(snapshot: Snapshot, header: Mapping[str, Any], name: str) -> int:
    count = header.get(name)
    if isinstance(count, str) and count.isascii() and count.isdecimal() and len(count) < 12:
        return int(count)
    if isinstance(count, int) and not isinstance(count, bool) and count >= 0:
        return count
    raise breach(snapshot, f"/0/{name} is no count: {str(count)[:100]!r}")


def _shared(header: Header) -> tuple[object, ...]:
    """What all pages of a request have in common."""
    return header.pages, header.per_page, header.total, header.lastupdated


def _key(row: Any) -> tuple[str, ...]:
    """What identifies a row; of a row of another shape, its text."""
    try:
        return str(row["indicator"]["id"]), str(row["country"]["id"]), str(row["date"])
    except (KeyError, TypeError):
        return (str(row)[:200],)


def _series(
    by_code: Mapping[str, Series], codes: list[str] | None, row: Any, snapshot: Snapshot, pointer: str
) -> Series:
    if missing := [key for key in REQUIRED if key not in row]:
        raise breach(snapshot, f"{pointer} lacks {missing}")
    code = row["indicator"]["id"]
    if code not in by_code or (codes is not None and code not in codes):
        raise breach(snapshot, f"{pointer} is of the series {code!r}, which was not requested")
    return by_code[code]


def _record(source: Source, series: Series, row: Any, snapshot: Snapshot, pointer: str) -> Record:
    country, title = row["country"], row["indicator"]["value"]
    # Some aggregates have no ISO code; their own id identifies them.
    area = row["countryiso3code"] or country["id"]
    if not (isinstance(area, str) and isinstance(title, str)):
        raise breach(snapshot, f"{pointer}: the area {area!r} or the title {title!r} is no text")
    if series.titles and title not in series.titles:
        raise changed(snapshot, f"the title of {series.code}", " or ".join(series.titles), title)
    unit, expected = row.get("unit", ""), series.unit_text or ""
    if unit != expected:
        raise changed(snapshot, f"the unit of {series.code}", expected, unit)
    check_area_names(source, snapshot, pointer, area, country["id"], country["value"])
    return Record(
        series=series,
        area_code=area,
        time_period=str(row["date"]),
        value=as_text(row["value"]),
        title=title,
        snapshot=snapshot,
        pointer=pointer,
        raw=json.dumps(row, ensure_ascii=False),
    )


def _parse(snapshot: Snapshot, content: bytes) -> tuple[dict[str, Any], list[Any]]:
    text = content.decode("utf-8-sig", "replace").lstrip()
    if text.startswith("<"):
        raise breach(snapshot, f"a page of HTML or XML instead of JSON: {text[:120]!r}")
    answer = parse_json(snapshot, text)
    match answer:
        case [{"message": message}]:
            raise breach(snapshot, f"the API refuses the request: {json.dumps(message)}")
        case [{"pages": _} as header, [*rows]]:
            return header, rows
        case [{"pages": _} as header, None] | [{"pages": _} as header]:
            return header, []
        case _:
            raise breach(snapshot, f"neither data nor a message: {text[:120]!r}")
