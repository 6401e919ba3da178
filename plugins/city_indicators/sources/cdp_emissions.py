"""CDP city-wide emissions: one CSV per reporting year, each with its own columns and date format.

Format: https://dev.socrata.com ; `rows.csv` of the dataset of the year, whose 4x4 id is in the source's
`datasets`. A row is the report of one account about an inventory year of its own choice.
"""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Final

from city_indicators.catalog.models import Catalogue
from city_indicators.catalog.source import Layout, Source
from city_indicators.core.intervals import Interval
from city_indicators.core.snapshots import Snapshot
from city_indicators.sources import table
from city_indicators.sources.places import folded
from city_indicators.sources.records import Archived, Fetch, Record, as_text, breach, changed
from city_indicators.sources.rows import Row

LAYOUT: Final = Layout(kind="csv", place="Account Number")
_NET: Final = "(metric tonnes co2e) for total emissions (excluding generation of grid-supplied energy)"
_GRID_USE: Final = "indirect emissions from use of grid supplied energy"
_TOTALS: Final = {
    "account": ("account number",),
    "scope_1": ("total scope 1 emissions (metric tonnes co2e)",),
    "scope_2": ("total scope 2 emissions (metric tonnes co2e)",),
}
_REPORTED: Final = "year reported to cdp", "reporting year"
_GPC: Final = {
    **_TOTALS,
    "reported": _REPORTED[:1],
    "period": ("accounting year",),
    "basic": ("total basic emissions (gpc)",),
}
_FORM_2018: Final = {
    **_GPC,
    "scope_1_net": (f"direct emissions/ scope 1 {_NET}",),
    "scope_2": (*_TOTALS["scope_2"], f"{_GRID_USE}/scope 2 {_NET}"),
}
_FORM_2020: Final = {
    **_GPC,
    "scope_1_net": (f"direct emissions {_NET}",),
    "scope_2": (*_TOTALS["scope_2"], f"{_GRID_USE} {_NET}"),
}
FORMS: Final[dict[int, dict[str, tuple[str, ...]]]] = {
    2016: {
        **_TOTALS,
        "reported": _REPORTED[1:],
        "period": ("measurement year",),
        "total": ("total city-wide emissions (metric tonnes co2e)",),
    },
    2017: {
        **_TOTALS,
        "reported": _REPORTED[1:],
        "period": ("accounting year",),
        "total": ("total emissions (metric tonnes co2e)",),
    },
    2018: _FORM_2018,
    2019: _FORM_2018,
    2020: _FORM_2020,
    2021: _FORM_2020,
}
"""By reporting year, the complete titles of the columns of each meaning, preferred first.

Letter case and invisible characters are ignored: they differ between publications of the same form.
"""
SELF_STATEMENTS: Final = {
    "title": "the titles of the columns, with their unit, which are those of the reporting year",
    "reported": "the reporting year of a row, which is that of its file",
    "fields": "the number of fields of the header, which is that of every line",
}
"""What a file says about itself: it is refused if its rows, its address or the form of the year differ."""
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
    form = _form(source, titles, rows, snapshot)
    if form is None:
        return
    year, columns = form, _columns(FORMS[form], titles, snapshot)
    (account,), (reported,), (period,) = columns["account"], columns["reported"], columns["period"]
    for row in rows:
        if row.text(reported) != str(year):
            fault = f"was reported in {row.text(reported)!r}, the file is of {year}"
            raise breach(snapshot, f"{row.pointer} {fault}")
        raw = json.dumps(dict(row.cells), ensure_ascii=False)
        for series in source.series:
            if alternatives := columns.get(series.code):
                column = next((c for c in alternatives if _cell(row, c) is not None), alternatives[0])
                yield (
                    year,
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


def _form(source: Source, titles: list[str], rows: list[Row], snapshot: Snapshot) -> int | None:
    """The reporting year whose form a file has: that of its dataset, else that of its first row, if any."""
    of_dataset = [year for year, dataset in source.datasets.items() if f"/{dataset}/" in snapshot.url]
    reported = next((title for title in titles if folded(title) in _REPORTED), None)
    if of_dataset:
        year = str(of_dataset[0])
    elif reported is None:
        raise changed(snapshot, "the column of the reporting year", " or ".join(_REPORTED), titles)
    elif rows:
        year = rows[0].text(reported)
    else:
        return None
    if not re.fullmatch(r"\d{4}", year) or int(year) not in FORMS:
        raise breach(snapshot, f"the reporting year is {year!r}, which is none of {list(FORMS)}")
    return int(year)


def _columns(
    form: Mapping[str, tuple[str, ...]], titles: list[str], snapshot: Snapshot
) -> dict[str, list[str]]:
    plain = [folded(title) for title in titles]
    for meaning, names in form.items():
        for name in names:
            if plain.count(name) != 1:
                raise changed(snapshot, f"the column of {meaning}", name, table.similar(name, titles))
    return {meaning: [titles[plain.index(name)] for name in names] for meaning, names in form.items()}


def _cell(row: Row, column: str) -> str | float | None:
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
