"""Our World in Data grapher: one CSV per chart, with long titles as column names, and its metadata.

Format: https://docs.owid.io/projects/etl/api/ ; `Entity,Code,Year` and one column per variable. A title
need not name the unit, which the metadata have by title: `{"columns": {title: {"unit"}}}`.
"""

import csv
import io
import json
import math
import re
from collections.abc import Iterator
from typing import Final

from city_indicators.catalog.models import Catalogue
from city_indicators.catalog.source import Series, Share, Source
from city_indicators.core.intervals import Interval
from city_indicators.core.snapshots import Snapshot
from city_indicators.sources.bounds import MAX_ROWS, Lines, TooMuchError, at_most
from city_indicators.sources.records import (
    Archived,
    Fetch,
    Record,
    as_number,
    as_text,
    breach,
    changed,
    check_area_names,
    check_unit,
    parse_json,
)

KEYS: Final = ("Entity", "Code", "Year")
LOST: Final = "\ufffd"
METADATA: Final = ".metadata.json"
SELF_STATEMENTS: Final = {
    "title": "the title of each column, which the catalogue declares",
    "unit": "the unit of each column, in the metadata",
    "columns": "the columns that the metadata describe, which are those of the table",
    "Entity": "the country's name, beside its code",
    "fields": "the number of fields of the header, which is that of every line",
}
"""What an answer says about itself: it is refused if its rows, the metadata or the catalogue differ."""


def fetch(source: Source, catalogue: Catalogue, interval: Interval, fetch: Fetch) -> list[Snapshot]:
    """Two requests per chart: its metadata, and its data for our countries and the interval's years."""
    params = {
        "csvType": "filtered",
        "country": "~".join(catalogue.ref_areas(source)),
        "time": f"{interval.years[0]}..{interval.years[-1]}",
    }
    charts = dict.fromkeys(series.code for series in source.series)
    return [
        fetch(path, query)[0]
        for chart in charts
        for path, query in ((f"/grapher/{chart}{METADATA}", {}), (f"/grapher/{chart}.csv", params))
    ]


def read(source: Source, archived: Archived, interval: Interval) -> Iterator[Record]:  # noqa: ARG001
    """One record per series, country and year.

    Raises:
        SourceContractError: an answer breaks the format, contradicts itself or the metadata of its chart.
    """
    answers = list(archived)
    for snapshot, content in answers:
        if (chart := _name(snapshot)).endswith(METADATA):
            _check_units(source, chart.removesuffix(METADATA), snapshot, content)
    for snapshot, content in answers:
        if (chart := _name(snapshot)).endswith(METADATA):
            continue
        chart = chart.removesuffix(".csv")
        lines, table = _table(snapshot, content)
        titles = list(table.fieldnames or ())
        wanted = [(s, _columns(s, titles, snapshot)) for s in source.series if s.code == chart]
        if not wanted:
            raise breach(snapshot, f"the answer is the chart {chart!r}, which was not requested")
        for row in _rows(lines, table, snapshot):
            if None in row or None in row.values():
                raise breach(
                    snapshot, f"line {table.line_num} has a different number of fields than the header"
                )
            names = [row["Entity"]] if LOST not in row["Entity"] else _like(source, row)
            check_area_names(source, snapshot, f"line {table.line_num}", row["Code"], *names)
            for series, columns in wanted:
                yield Record(
                    series=series,
                    area_code=row["Code"] or row["Entity"],
                    time_period=row["Year"],
                    value=_value(series, row, columns),
                    title=series.column or chart,
                    snapshot=snapshot,
                    pointer=f"line {table.line_num}",
                    raw=json.dumps(row, ensure_ascii=False),
                )


def _table(snapshot: Snapshot, content: bytes) -> tuple[Lines, "csv.DictReader[str]"]:
    beginning = content[:200].decode("utf-8-sig", "replace")
    if beginning.lstrip().startswith("<"):
        raise breach(snapshot, f"a page of HTML instead of CSV: {beginning!r}")
    # Places are identified by code, so a wrongly encoded letter in a name does no harm: it matches any.
    text = io.TextIOWrapper(io.BytesIO(content), "utf-8-sig", "replace", newline="")
    # Strict, because otherwise an unclosed quote reads the rest of the file into one cell.
    lines = Lines(text)
    table = csv.DictReader(lines, strict=True)
    try:
        titles = table.fieldnames or ()
    except (csv.Error, TooMuchError) as error:
        raise breach(snapshot, f"the header is not CSV: {error}") from error
    if missing := [key for key in KEYS if key not in titles]:
        raise breach(snapshot, f"the header lacks {missing}: {beginning!r}")
    return lines, table


def _rows(lines: Lines, table: "csv.DictReader[str]", snapshot: Snapshot) -> Iterator[dict[str, str]]:
    try:
        for row in at_most(MAX_ROWS, table, "rows"):
            lines.end_row()
            yield row
    except (csv.Error, TooMuchError) as error:
        raise breach(snapshot, f"after line {table.line_num} it is not CSV: {error}") from error


def _name(snapshot: Snapshot) -> str:
    """The last step of an address: the chart with its suffix."""
    return snapshot.url.split("?")[0].rsplit("/", 1)[-1]


def _like(source: Source, row: dict[str, str]) -> list[str]:
    """The declared names that a name with lost letters can be; the name itself if it can be none."""
    pattern = re.compile(".?".join(map(re.escape, row["Entity"].split(LOST))))
    declared = source.area_names.get(row["Code"], ())
    return [name for name in declared if pattern.fullmatch(name)] or [row["Entity"]]


def _titles(series: Series) -> list[str]:
    """The titles of the columns that a series reads."""
    return series.share.in_ if series.share else [series.column or ""]


def _columns(series: Series, titles: list[str], snapshot: Snapshot) -> list[str]:
    for title in _titles(series):
        if titles.count(title) != 1:
            columns = [other for other in titles if other not in KEYS]
            raise changed(snapshot, f"a column of {series.code}", title, columns)
    return _titles(series)


def _check_units(source: Source, chart: str, snapshot: Snapshot, content: bytes) -> None:
    answer = parse_json(snapshot, content.decode("utf-8-sig", "replace"))
    for series in source.series:
        for title in _titles(series) if series.code == chart else ():
            try:
                unit = answer["columns"][title]["unit"]
            except (KeyError, TypeError, IndexError) as error:
                raise breach(snapshot, f"the metadata name no unit of {title!r}: {error!r}") from error
            check_unit(snapshot, series, repr(title), unit)


def _value(series: Series, row: dict[str, str], columns: list[str]) -> str | float | None:
    if series.share is None:
        return as_text(row[columns[0]])
    return _share(series.share, row)


def _share(share: Share, cells: dict[str, str]) -> str | float | None:
    """The percentage; None if a part is unknown, a cell that is no number as it is."""
    parts: dict[str, float] = {}
    for name in share.in_:
        cell = as_text(cells[name])
        if cell is None:
            return None
        number = as_number(cell)
        if math.isnan(number):
            return cell
        parts[name] = number
    total = sum(parts.values())
    return 100 * sum(parts[name] for name in share.of) / total if total else None
