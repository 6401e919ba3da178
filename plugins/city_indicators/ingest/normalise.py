"""Normalises records: converts areas, units and statuses as published into observations.

A record that cannot be converted stays as an observation with a fault, so that the row rules reject it.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from city_indicators.catalog.models import Catalogue
from city_indicators.catalog.source import Series, Source
from city_indicators.core.intervals import YEAR, Interval
from city_indicators.ingest.categories import KEY as KEY
from city_indicators.ingest.categories import are_repeated, plain
from city_indicators.ingest.columns import (
    Common,
    ObservationColumns,
    OfPeriod,
    OfPlace,
    PublishedRows,
    storable,
)
from city_indicators.sources.bounds import MAX_OBSERVATIONS, MAX_RAW_CHARACTERS
from city_indicators.sources.cells import Cells, Positions, as_numbers, cells_of
from city_indicators.sources.places import Places
from city_indicators.sources.records import Fault, Record, breach
from city_indicators.sources.structural_zeros import with_zeros
from city_indicators.sources.units import factor

COLUMNS: Final = [
    "row_no",
    *KEY,
    "freq",
    "obs_value",
    "unit_measure",
    "obs_status",
    "geo_basis",
    "value_as_published",
    "unit_as_published",
    "area_code",
    "occurrence",
    "distinct_values",
    "shortfall",
    "fault",
    "fault_reason",
    "sha256",
    "url",
    "pointer",
    "raw_row",
]


@dataclass(frozen=True)
class Normalised:
    """Observations of a source before validation, with counts of the records left out.

    `observations` has COLUMNS, one observation a row; `raw_row` is the number of the published row in `raw`.
    `empty_cells` counts the cells in scope without a value, `out_of_scope` the records of other periods and
    of places that are not requested. `unmatched` counts those of the latter whose country is in the
    catalogue, by country and name.
    """

    observations: pd.DataFrame
    empty_cells: int
    out_of_scope: int
    unmatched: Mapping[tuple[str, str], int]
    raw: PublishedRows = field(default_factory=PublishedRows)

    def with_raw_rows(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Rows of the observations with the published row as JSON text in the column `raw_row`."""
        return rows.assign(raw_row=self.raw.texts(rows["raw_row"]))


def normalise(
    records: Iterable[Record], source: Source, catalogue: Catalogue, interval: Interval
) -> Normalised:
    """Convert a small number of records; see `normalise_cells`. The observations have no categories."""
    found = normalise_cells(cells_of(records), source, catalogue, interval)
    return replace(found, observations=plain(found.observations))


def normalise_cells(
    published: Iterable[Cells], source: Source, catalogue: Catalogue, interval: Interval
) -> Normalised:
    """Convert areas, units and statuses as the catalogue declares; texts of few values are categories.

    A row that cannot be converted is kept, so that a row rule rejects it with a reason: an unknown area has
    no ref_area, a value that is not a number no obs_value, an unknown unit no unit_measure, and a period
    that is not a year has a fault.

    Raises:
        SourceContractError: there are more than MAX_OBSERVATIONS, or they take too much memory.
    """
    places = Places(source, catalogue)
    scope = Scope(places, interval)
    columns = ObservationColumns()
    for cells in with_zeros(published, source, catalogue, places):
        at = scope.within(cells)
        values = cells.value(at)
        given = np.array([value is not None for value in values], bool)
        scope.empty_cells += len(given) - int(given.sum())
        if given.any():
            present = [value for value in values if value is not None]
            _add(columns, cells, at[given], present, scope.of_places, source, catalogue)
    observations = related(columns.frame(), catalogue)[COLUMNS]
    return Normalised(observations, scope.empty_cells, scope.out_of_scope, scope.unmatched(), columns.raw)


def related(observations: pd.DataFrame, catalogue: Catalogue) -> pd.DataFrame:
    """Add the columns that compare rows with each other: `occurrence`, `distinct_values`, `shortfall`."""
    return _with_shortfall(_with_repeats(observations), catalogue)


def _add(
    columns: ObservationColumns,
    cells: Cells,
    at: Positions,
    values: list[str | float],
    places: list[OfPlace],
    source: Source,
    catalogue: Catalogue,
) -> None:
    """Add the cells at some positions, which have these values."""
    if columns.number + len(at) > MAX_OBSERVATIONS:
        raise breach(cells.snapshot, f"more than {MAX_OBSERVATIONS} observations of our places and years")
    if columns.raw.characters > MAX_RAW_CHARACTERS:
        raise breach(
            cells.snapshot, f"rows of more than {MAX_RAW_CHARACTERS} characters for our places and years"
        )
    series = cells.series
    unit = _unit(series, cells.title)
    columns.add(
        cells,
        at,
        Common(
            indicator=series.indicator,
            freq=_freq(series, catalogue),
            unit_measure=unit,
            geo_basis=series.geo_basis,
            unit_as_published=cells.unit or series.published_unit or unit,
            sha256=cells.snapshot.sha256,
            url=cells.snapshot.url,
        ),
        places,
        [_of_period(cells, period, source) for period in cells.periods],
        _numbers(series, values, factor(series, catalogue)),
        map(str, values),
    )


def _of_period(cells: Cells, period: str, source: Source) -> OfPeriod:
    fault = cells.fault or _fault(period)
    return OfPeriod(
        storable(period),
        _status(cells.series, source, period),
        fault.rule if fault else None,
        fault.reason if fault else None,
    )


def _numbers(series: Series, values: list[str | float], factor: Decimal) -> "npt.NDArray[np.float64]":
    if series.codes is None:
        return as_numbers(values, factor, series.decimal)
    return np.array([series.codes.get(str(value), math.nan) for value in values], float)


@dataclass(frozen=True)
class Found:
    """What is in scope of cells with certain places and periods.

    `within` are positions of cells. `unmatched` has each place of our countries that is none of ours: country
    and name, the position of its first cell, and the number of its cells.
    """

    of_places: list[OfPlace]
    within: Positions
    unmatched: list[tuple[tuple[str, str], int, int]]


class Scope:
    """Which cells are of our places and periods; counts all others."""

    def __init__(self, places: Places, interval: Interval) -> None:
        self._places = places
        self._interval = interval
        self._unmatched: dict[tuple[str, str], tuple[int, int]] = {}
        self._keys: tuple[object, ...] = ()
        self._found = Found([], np.array([], np.int64), [])
        self.empty_cells = 0
        self.out_of_scope = 0

    @property
    def of_places(self) -> list[OfPlace]:
        """The places of the last cells."""
        return self._found.of_places

    def within(self, cells: Cells) -> Positions:
        """The positions of the cells in scope."""
        keys = cells.places, cells.place, cells.periods, cells.period
        # All series of a table that read every row have the same.
        if not self._keys or any(one is not other for one, other in zip(keys, self._keys, strict=True)):
            self._keys, self._found = keys, self._find(cells)
        if cells.fault is not None:
            return np.arange(len(cells.order))
        self.out_of_scope += len(cells.order) - len(self._found.within)
        for named, at, count in self._found.unmatched:
            order = int(cells.order[at])
            first, before = self._unmatched.get(named, (order, 0))
            self._unmatched[named] = min(first, order), before + count
        return self._found.within

    def unmatched(self) -> dict[tuple[str, str], int]:
        """The records by country and name, in the order of publication."""
        in_order = sorted(self._unmatched.items(), key=lambda item: item[1])
        return {named: count for named, (_, count) in in_order}

    def _find(self, cells: Cells) -> Found:
        found = [self._places.find(country, code) for country, code in cells.places]
        requested = np.array([place.requested for place in found], bool)[cells.place]
        in_interval = np.array([self._interval.has_period(period) for period in cells.periods], bool)
        others = np.flatnonzero(~requested)
        numbers, firsts, counts = np.unique(cells.place[others], return_index=True, return_counts=True)
        return Found(
            [
                OfPlace(place.ref_area, storable(code))
                for place, (_, code) in zip(found, cells.places, strict=True)
            ],
            np.flatnonzero(requested & in_interval[cells.period]),
            [
                ((country, storable(cells.places[number][1])), int(first), int(count))
                for number, first, count in zip(numbers, others[firsts], counts, strict=True)
                if (country := found[number].country)
            ],
        )


def _fault(time_period: str) -> Fault | None:
    if YEAR.fullmatch(time_period):
        return None
    return Fault(
        "period_is_a_year",
        f"the period {time_period!r} is not a year; if it means one, convert it in the source's format",
    )


def _freq(series: Series, catalogue: Catalogue) -> str | None:
    """The indicator's frequency; None if it is not in the catalogue, in which case the row has a fault."""
    indicator = catalogue.indicators.get(series.indicator)
    return indicator.freq if indicator else None


def _unit(series: Series, title: str) -> str | None:
    if series.unit_by_title is None:
        return series.unit
    return next((unit for part, unit in series.unit_by_title.items() if part in title), None)


def _status(series: Series, source: Source, time_period: str) -> str:
    last_estimated = source.last_estimated_period
    return "F" if last_estimated is not None and time_period > str(last_estimated) else series.obs_status


def _with_repeats(observations: pd.DataFrame) -> pd.DataFrame:
    """Count repeats of an observation and different values of its key, which a row rule cannot see."""
    ones = np.ones(len(observations), np.int32)
    counted = observations.assign(occurrence=ones, distinct_values=ones)
    # Nearly always no key is there twice.
    keyed = plain(observations[are_repeated(observations)])
    if keyed.empty:
        return counted
    value = keyed["obs_value"].astype(object)
    keyed = keyed[KEY].assign(value=value.where(keyed["obs_value"].notna(), keyed["value_as_published"]))
    groups = keyed.groupby([*KEY, "value"], dropna=False)
    distinct = keyed.groupby(KEY, dropna=False)["value"].transform("nunique")
    counted.loc[keyed.index, "occurrence"] = (groups.cumcount() + 1).astype(np.int32)
    counted.loc[keyed.index, "distinct_values"] = distinct.astype(np.int32)
    return counted


def _with_shortfall(observations: pd.DataFrame, catalogue: Catalogue) -> pd.DataFrame:
    """Add `shortfall`: by how much a total is less than its part in the same published row; else 0.

    Both observations get it, because the row does not show which of the two is wrong.
    """
    pairs = [(total.id, part) for total in catalogue.indicators.values() for part in total.at_least]
    shortfall = pd.Series(0.0, index=observations.index)
    related = plain(observations[observations["indicator"].isin({name for pair in pairs for name in pair})])
    for _, row in related.groupby(["sha256", "raw_row", "ref_area", "time_period"]):
        by_indicator = dict(zip(row["indicator"], row["obs_value"], strict=True))
        for total, part in pairs:
            gap = by_indicator.get(part, math.nan) - by_indicator.get(total, math.nan)
            if gap > 0:
                both = row.index[row["indicator"].isin((total, part))]
                shortfall[both] = shortfall[both].clip(lower=gap)
    return observations.assign(shortfall=shortfall)
