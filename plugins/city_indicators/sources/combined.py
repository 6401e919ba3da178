"""Joins the rows of one place and period to one value: their sum, mean, extreme or number."""

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from city_indicators.catalog.source import Combine
from city_indicators.sources.bounds import MAX_JOINED
from city_indicators.sources.records import Record, as_number, breach, total

if TYPE_CHECKING:
    from city_indicators.sources.rows import Row

Part = tuple["Row", Record]


def combined(parts: Iterable[Part], how: Combine, complete: Mapping[str, set[str]]) -> Iterator[Record]:
    """One record per place and period; a part that is no number stays visible as the value.

    The value is empty if a part is empty, because unknown values cannot be added or compared, or if no row
    has one of the texts of `complete` in its column; `count` is the number of parts that are not empty. If
    the parts differ in status, the value has that of the first part that is not observed normally ("A").
    """
    groups: dict[tuple[str | None, str, str], list[Part]] = {}
    for row, record in _bounded(parts):
        groups.setdefault((record.country, record.area_code, record.time_period), []).append((row, record))
    for group in groups.values():
        records = [record for _, record in group]
        is_complete = all(
            texts <= {row.text(column) for row, _ in group} for column, texts in complete.items()
        )
        marked = (record.series for record in records if record.series.obs_status != "A")
        yield replace(
            records[0],
            series=next(marked, records[0].series),
            value=_value(records, how) if is_complete else None,
            pointer=" + ".join(record.pointer for record in records),
            raw="[" + ", ".join(record.raw for record in records) + "]",
        )


def _bounded(parts: Iterable[Part]) -> Iterator[Part]:
    """The parts, which are all kept in memory.

    Raises:
        SourceContractError: there are too many.
    """
    for number, (row, record) in enumerate(parts, 1):
        if number > MAX_JOINED:
            raise breach(row.snapshot, f"more than {MAX_JOINED} rows to add")
        yield row, record


def _value(records: list[Record], how: Combine) -> str | float | None:
    given = [record for record in records if record.value is not None]
    if how == "count":
        return float(len(given))
    if len(given) < len(records):
        return None
    numbers = [as_number(record.value, decimal=record.series.decimal) for record in records]
    odd = [record.value for record, number in zip(records, numbers, strict=True) if math.isnan(number)]
    if odd:
        return odd[0]
    match how:
        case "sum":
            return total(numbers)
        case "mean":
            return total(numbers) / len(numbers)
        case "min":
            return min(numbers)
        case "max":
            return max(numbers)
