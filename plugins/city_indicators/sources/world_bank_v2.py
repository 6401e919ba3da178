"""World Bank Indicators API v2: paged JSON; errors come with status 200.

Format: https://datahelpdesk.worldbank.org/knowledgebase/articles/898581
"""

import json
from collections.abc import Iterator
from typing import Any, Final

from city_indicators.catalog.models import Catalogue
from city_indicators.catalog.source import Series, Source
from city_indicators.core.intervals import Interval
from city_indicators.core.snapshots import Snapshot
from city_indicators.sources.records import Archived, Fetch, Record, as_text, breach, parse_json

PER_PAGE: Final = 1000
REQUIRED: Final = ("indicator", "countryiso3code", "date", "value")


def fetch(source: Source, catalogue: Catalogue, interval: Interval, fetch: Fetch) -> list[Snapshot]:
    """One request per series and page, for our countries and the interval's years."""
    countries = ";".join(catalogue.ref_areas(source))
    snapshots = []
    for series in source.series:
        page, pages = 1, 1
        while page <= pages:
            snapshot, content = fetch(
                f"/v2/country/{countries}/indicator/{series.code}",
                {
                    "format": "json",
                    "date": f"{interval.years[0]}:{interval.years[-1]}",
                    "per_page": str(PER_PAGE),
                    "page": str(page),
                },
            )
            snapshots.append(snapshot)
            pages = _pages(snapshot, _parse(snapshot, content)[0])
            page += 1
    return snapshots


def empty_page(source: Source) -> bytes:  # noqa: ARG001
    """An answer that is one page without rows."""
    return b'[{"pages": 1}, []]'


def read(source: Source, archived: Archived, interval: Interval) -> Iterator[Record]:  # noqa: ARG001
    """One record per country and year."""
    by_code = {series.code: series for series in source.series}
    for snapshot, content in archived:
        for number, row in enumerate(_parse(snapshot, content)[1]):
            pointer = f"/1/{number}"
            try:
                yield _record(by_code, row, snapshot, pointer)
            except (KeyError, TypeError) as error:
                raise breach(snapshot, f"{pointer} has another shape than promised: {error!r}") from error


def _pages(snapshot: Snapshot, header: dict[str, Any]) -> int:
    try:
        return int(header["pages"])
    except (TypeError, ValueError, OverflowError) as error:
        raise breach(snapshot, f"/0/pages is no number: {error}") from error


def _record(by_code: dict[str, Series], row: Any, snapshot: Snapshot, pointer: str) -> Record:
    if missing := [key for key in REQUIRED if key not in row]:
        raise breach(snapshot, f"{pointer} lacks {missing}")
    series = by_code.get(row["indicator"]["id"])
    if series is None:
        raise breach(
            snapshot, f"{pointer} is of the series {row['indicator']['id']!r}, which was not requested"
        )
    # Some aggregates have no ISO code; their own id identifies them.
    area, title = row["countryiso3code"] or row["country"]["id"], row["indicator"]["value"]
    if not (isinstance(area, str) and isinstance(title, str)):
        raise breach(snapshot, f"{pointer}: the area {area!r} or the title {title!r} is no text")
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


def _parse(snapshot: Snapshot, content: bytes) -> tuple[dict[str, Any], list[dict[str, Any]]]:
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
