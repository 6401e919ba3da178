"""CDP city-wide emissions: one CSV per reporting year, each with its own columns and date format.

Format: https://dev.socrata.com ; `rows.csv` of the dataset of the year, whose 4x4 id is in the source's
`datasets`. A row is the report of one account about an inventory year of its own choice.
"""

import json
import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Final

from city_indicators.catalog.models import Catalogue
from city_indicators.catalog.source import Layout, Source
from city_indicators.core.intervals import Interval
from city_indicators.core.snapshots import Snapshot
from city_indicators.sources import table
from city_indicators.sources.places import folded
from city_indicators.sources.records import Archived, Fetch, Record, as_text, breach

LAYOUT: Final = Layout(kind="csv", place="Account Number")
_NET: Final = "(metric tonnes co2e) for total emissions (excluding generation of grid-supplied energy)"
_GRID_USE: Final = "indirect emissions from use of grid supplied energy"
# The meaning of each column and all titles it has had, preferred first. Letter case and invisible
# characters also differ between years and are ignored.
MEANINGS: Final[dict[str, tuple[str, ...]]] = {
    "account": ("account number",),
    "reported": ("year reported to cdp", "reporting year"),
    "period": ("accounting year", "measurement year"),
    "total": ("total emissions (metric tonnes co2e)", "total city-wide emissions (metric tonnes co2e)"),
    "basic": ("total basic emissions (gpc)",),
    "scope_1": ("total scope 1 emissions (metric tonnes co2e)",),
    "scope_1_net": (f"direct emissions {_NET}", f"direct emissions/ scope 1 {_NET}"),
    "scope_2": (
        "total scope 2 emissions (metric tonnes co2e)",
        f"{_GRID_USE} {_NET}",
        f"{_GRID_USE}/scope 2 {_NET}",
    ),
}
ALWAYS: Final = ("account", "reported", "period", "scope_1", "scope_2")
NO_VALUE: Final = "not applicable"
# Reports name the first and the last day of the inventory; twelve months may be off by a month.
YEAR_LENGTH: Final = (timedelta(days=330), timedelta(days=400))
HALF_YEAR: Final = timedelta(days=182)


def fetch(source: Source, catalogue: Catalogue, interval: Interval, fetch: Fetch) -> list[Snapshot]:  # noqa: ARG001
    """One request per reporting year, from the interval's first year on.

    Later reporting years are included, because an inventory is reported years after its inventory year.
    """
    return [
        fetch(f"/api/views/{dataset}/rows.csv", {"accessType": "DOWNLOAD"})[0]
        for year, dataset in source.datasets.items()
        if year >= interval.years[0]
    ]


def read(source: Source, archived: Archived, interval: Interval) -> Iterator[Record]:  # noqa: ARG001
    """One record per series and report; a later report of the same inventory year replaces an earlier one.

    A series has no records of a year whose form lacks its column.
    """
    reports = [report for snapshot, content in archived for report in _reports(source, snapshot, content)]
    latest: dict[tuple[str, str, str], int] = {}
    for reported, record in reports:
        if record.value is not None:
            latest[_key(record)] = max(reported, latest.get(_key(record), reported))
    for reported, record in reports:
        if record.value is None or reported == latest[_key(record)]:
            yield record


def _key(record: Record) -> tuple[str, str, str]:
    return record.series.code, record.area_code, record.time_period


def _reports(source: Source, snapshot: Snapshot, content: bytes) -> Iterator[tuple[int, Record]]:
    """Each record with the year it was reported in."""
    titles, rows = table.rows_of(LAYOUT, snapshot, content)
    columns = _columns(titles, snapshot)
    (account,), (reported, *_), (period, *_) = columns["account"], columns["reported"], columns["period"]
    for row in rows:
        if not re.fullmatch(r"\d{4}", row.text(reported)):
            raise breach(snapshot, f"{row.pointer} was reported in {row.text(reported)!r}, which is no year")
        raw = json.dumps(dict(row.cells), ensure_ascii=False)
        for series in source.series:
            if alternatives := columns[series.code]:
                column = next((c for c in alternatives if _cell(row, c) is not None), alternatives[0])
                yield (
                    int(row.text(reported)),
                    Record(
                        series=series,
                        area_code=row.text(account),
                        time_period=inventory_year(row.text(period)),
                        value=_cell(row, column),
                        title=column,
                        snapshot=snapshot,
                        pointer=f"{row.pointer}/{column}",
                        raw=raw,
                    ),
                )


def _columns(titles: list[str], snapshot: Snapshot) -> dict[str, list[str]]:
    by_name = {folded(title): title for title in titles}
    columns = {
        meaning: [by_name[name] for name in names if name in by_name] for meaning, names in MEANINGS.items()
    }
    missing = [meaning for meaning in ALWAYS if not columns[meaning]]
    if missing or not (columns["total"] or columns["basic"]):
        raise breach(snapshot, f"no column means {missing or 'a total'} among {titles}")
    return columns


def _cell(row: table.Row, column: str) -> str | float | None:
    cell = as_text(row.cells[column])
    return None if isinstance(cell, str) and folded(cell) == NO_VALUE else cell


def inventory_year(text: str) -> str:
    """The year of the middle day of an inventory's period, so the year of most of its days.

    "2015-07-01 - 2016-06-30" is 2015. The form of 2016 gives only the last day of twelve months:
    "03/31/2014 12:00:00 AM" is 2013. Any other text is returned as published.
    """
    match [_day(part) for part in text.split(" - ")]:
        case [date() as end] if end.year > date.min.year:
            return str((end - HALF_YEAR).year)
        case [date() as start, date() as end] if YEAR_LENGTH[0] <= end - start <= YEAR_LENGTH[1]:
            return str((start + (end - start) / 2).year)
        case _:
            return text


def _day(text: str) -> date | None:
    for pattern, form in ((r"\d{4}-\d\d-\d\d", "%Y-%m-%d"), (r"\d\d/\d\d/\d{4} .+", "%m/%d/%Y %I:%M:%S %p")):
        if re.fullmatch(pattern, text):
            try:
                return datetime.strptime(text, form).date()
            except ValueError:
                return None
    return None
