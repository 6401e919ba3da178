"""Adds the zeros of a list that is complete by its own statement: what it does not name, does not exist.

Only for the places that the series declares: one that is listed in an unknown spelling gets no zero.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Final

from city_indicators.catalog.models import Catalogue, City
from city_indicators.catalog.source import Absent, Series, Source
from city_indicators.core.snapshots import Snapshot
from city_indicators.sources.places import Places
from city_indicators.sources.records import Record

NOT_LISTED: Final = "not listed"
"""The text in place of a published value."""


def with_zeros(
    records: Iterable[Record], source: Source, catalogue: Catalogue, places: Places
) -> Iterator[Record]:
    """The records, and after them a zero for each declared place that they do not name.

    Nothing is added to an answer without any record: it is no list.
    """
    declared = {
        series.indicator: (series, series.absent) for series in source.series if series.absent is not None
    }
    named: dict[str, set[str | None]] = defaultdict(set)
    snapshots: dict[str, Snapshot] = {}
    for record in records:
        yield record
        if record.series.indicator in declared:
            named[record.series.indicator].add(places.find(record).ref_area)
            snapshots[record.series.indicator] = record.snapshot
    for indicator, snapshot in snapshots.items():
        series, absent = declared[indicator]
        for ref_area in absent.places:
            if ref_area not in named[indicator]:
                yield _zero(series, absent, source, catalogue.cities[ref_area], snapshot)


def _zero(series: Series, absent: Absent, source: Source, city: City, snapshot: Snapshot) -> Record:
    """A zero, marked as estimated because nobody published it; its raw row is the statement of the list."""
    return Record(
        series=series.model_copy(update={"codes": {NOT_LISTED: 0.0}, "obs_status": "E"}),
        area_code=city.name_en,
        country=city.country,
        time_period=str(series.period or source.table_layout.period),
        value=NOT_LISTED,
        title=series.column or series.code,
        snapshot=snapshot,
        pointer=NOT_LISTED,
        raw=json.dumps(
            {NOT_LISTED: city.name_en, "statement": absent.statement, "url": absent.url}, ensure_ascii=False
        ),
    )
