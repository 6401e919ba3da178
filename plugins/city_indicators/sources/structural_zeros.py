"""Adds the zeros of a list that is complete by its own statement: what it does not name, does not exist.

Only for the places that the series declares: one that is listed in an unknown spelling gets no zero.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Final

import numpy as np

from city_indicators.catalog.models import Catalogue, City
from city_indicators.catalog.source import Absent, Series, Source
from city_indicators.core.snapshots import Snapshot
from city_indicators.sources.cells import Cells, cells_of
from city_indicators.sources.places import Places
from city_indicators.sources.records import Record

NOT_LISTED: Final = "not listed"
"""The text in place of a published value."""
LAST: Final = 1 << 62
"""A place in the order of cells after all that are published."""


def with_zeros(
    published: Iterable[Cells], source: Source, catalogue: Catalogue, places: Places
) -> Iterator[Cells]:
    """The cells, and after them a zero for each declared place that they do not name.

    Nothing is added to an answer without any cell: it is no list.
    """
    declared = {
        series.indicator: (series, series.absent) for series in source.series if series.absent is not None
    }
    named: dict[str, set[str | None]] = defaultdict(set)
    snapshots: dict[str, Snapshot] = {}
    for cells in published:
        yield cells
        if cells.series.indicator in declared:
            found = (places.find(*cells.places[place]) for place in np.unique(cells.place))
            named[cells.series.indicator].update(place.ref_area for place in found)
            snapshots[cells.series.indicator] = cells.snapshot
    zeros = (
        _zero(series, absent, source, catalogue.cities[ref_area], snapshots[indicator])
        for indicator, (series, absent) in declared.items()
        if indicator in snapshots
        for ref_area in absent.places
        if ref_area not in named[indicator]
    )
    yield from cells_of(zeros, LAST)


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
