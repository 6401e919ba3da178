"""Our World in Data grapher: one CSV per chart, with long titles as column names.

Format: https://docs.owid.io/projects/etl/api/ ; `Entity,Code,Year` and one column per variable.
Column titles contain notes that change between vintages, so the catalogue has only their beginnings.
"""

import csv
import io
import json
import math
from collections.abc import Iterator
from typing import Final

from city_indicators.catalog.models import Catalogue
from city_indicators.catalog.source import Series, Share, Source
from city_indicators.core.intervals import Interval
from city_indicators.core.snapshots import Snapshot
from city_indicators.sources.records import Archived, Fetch, Record, as_number, as_text, breach

KEYS: Final = ("Entity", "Code", "Year")


def fetch(source: Source, catalogue: Catalogue, interval: Interval, fetch: Fetch) -> list[Snapshot]:
    """One request per chart, for our countries and the interval's years."""
    params = {
        "csvType": "filtered",
        "country": "~".join(catalogue.ref_areas(source)),
        "time": f"{interval.years[0]}..{interval.years[-1]}",
    }
    charts = dict.fromkeys(series.code for series in source.series)
    return [fetch(f"/grapher/{chart}.csv", params)[0] for chart in charts]


def read(source: Source, archived: Archived, interval: Interval) -> Iterator[Record]:  # noqa: ARG001
    """One record per series, country and year."""
    for snapshot, content in archived:
        chart = snapshot.url.split("?")[0].rsplit("/", 1)[-1].removesuffix(".csv")
        table = _table(snapshot, content)
        titles = list(table.fieldnames or ())
        wanted = [(s, _columns(s, titles, snapshot)) for s in source.series if s.code == chart]
        if not wanted:
            raise breach(snapshot, f"the answer is the chart {chart!r}, which was not requested")
        for row in _rows(table, snapshot):
            if None in row or None in row.values():
                raise breach(
                    snapshot, f"line {table.line_num} has a different number of fields than the header"
                )
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


def _table(snapshot: Snapshot, content: bytes) -> "csv.DictReader[str]":
    beginning = content[:200].decode("utf-8-sig", "replace")
    if beginning.lstrip().startswith("<"):
        raise breach(snapshot, f"a page of HTML instead of CSV: {beginning!r}")
    # Places are identified by code, so a wrongly encoded letter in a name does no harm.
    text = io.TextIOWrapper(io.BytesIO(content), "utf-8-sig", "replace", newline="")
    # Strict, because otherwise an unclosed quote reads the rest of the file into one cell.
    table = csv.DictReader(text, strict=True)
    try:
        titles = table.fieldnames or ()
    except csv.Error as error:
        raise breach(snapshot, f"the header is not CSV: {error}") from error
    if missing := [key for key in KEYS if key not in titles]:
        raise breach(snapshot, f"the header lacks {missing}: {beginning!r}")
    return table


def _rows(table: "csv.DictReader[str]", snapshot: Snapshot) -> Iterator[dict[str, str]]:
    try:
        yield from table
    except csv.Error as error:
        raise breach(snapshot, f"after line {table.line_num} it is not CSV: {error}") from error


def _columns(series: Series, titles: list[str], snapshot: Snapshot) -> dict[str, str]:
    beginnings = series.share.in_ if series.share else [series.column or ""]
    found = {}
    for beginning in beginnings:
        matches = [title for title in titles if title not in KEYS and title.startswith(beginning)]
        if len(matches) != 1:
            raise breach(
                snapshot, f"{len(matches)} columns begin with {beginning!r}, expected one of {titles}"
            )
        found[beginning] = matches[0]
    return found


def _value(series: Series, row: dict[str, str], columns: dict[str, str]) -> str | float | None:
    if series.share is None:
        (title,) = columns.values()
        return as_text(row[title])
    return _share(series.share, {name: row[title] for name, title in columns.items()})


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
