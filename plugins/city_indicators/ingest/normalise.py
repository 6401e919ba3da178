"""Normalises records: converts areas, units and statuses as published into observations.

A record that cannot be converted stays as an observation with a fault, so that the row rules reject it.
"""

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

import pandas as pd

from city_indicators.catalog.models import Catalogue
from city_indicators.catalog.source import Series, Source
from city_indicators.core.intervals import Interval
from city_indicators.sources.bounds import MAX_OBSERVATIONS
from city_indicators.sources.places import Places
from city_indicators.sources.records import Fault, Record, as_number, breach
from city_indicators.sources.structural_zeros import with_zeros
from city_indicators.sources.units import factor

KEY: Final = ["ref_area", "indicator", "time_period"]
COMPARED: Final = {**dict.fromkeys([*KEY, "unit_measure"], "str"), "obs_value": "float"}
"""Types of the columns used to compare observations, set explicitly because a frame may have no rows."""
YEAR: Final = re.compile("[0-9]{4}")
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

    `observations` has COLUMNS, one observation a row. `empty_cells` counts the cells in scope without a
    value, `out_of_scope` the records of other periods and of places that are not requested. `unmatched`
    counts those of the latter whose country is in the catalogue, by country and name.
    """

    observations: pd.DataFrame
    empty_cells: int
    out_of_scope: int
    unmatched: Mapping[tuple[str, str], int]


def normalise(
    records: Iterable[Record], source: Source, catalogue: Catalogue, interval: Interval
) -> Normalised:
    """Convert areas, units and statuses as the catalogue declares.

    A row that cannot be converted is kept, so that a row rule rejects it with a reason: an unknown area has
    no ref_area, a value that is not a number no obs_value, an unknown unit no unit_measure, and a period
    that is not a year has a fault.

    Raises:
        SourceContractError: there are more than MAX_OBSERVATIONS.
    """
    places = Places(source, catalogue)
    periods = {str(year) for year in interval.years}
    rows: list[dict[str, object]] = []
    empty_cells = out_of_scope = 0
    unmatched: Counter[tuple[str, str]] = Counter()
    for record in with_zeros(records, source, catalogue, places):
        place = places.find(record)
        # A period that is not a year belongs to the run of every year that it names; if none, to every run.
        named = YEAR.findall(record.time_period)
        in_scope = place.requested and (not named or not periods.isdisjoint(named))
        if not in_scope and record.fault is None:
            out_of_scope += 1
            if place.country and not place.requested:
                unmatched[place.country, _storable(record.area_code)] += 1
        elif record.value is None:
            empty_cells += 1
        elif len(rows) == MAX_OBSERVATIONS:
            raise breach(
                record.snapshot, f"more than {MAX_OBSERVATIONS} observations of our places and years"
            )
        else:
            number = _number(record, factor(record.series, catalogue))
            rows.append(_observation(len(rows), record, number, place.ref_area, source, catalogue))
    observations = pd.DataFrame(rows, columns=COLUMNS).astype(COMPARED)
    return Normalised(related(observations, catalogue), empty_cells, out_of_scope, unmatched)


def related(observations: pd.DataFrame, catalogue: Catalogue) -> pd.DataFrame:
    """Add the columns that compare rows with each other: `occurrence`, `distinct_values`, `shortfall`."""
    return _with_shortfall(_with_repeats(observations), catalogue)


def _number(record: Record, factor: Decimal) -> float:
    if record.series.codes is None:
        return as_number(record.value, factor, record.series.decimal)
    return record.series.codes.get(str(record.value), math.nan)


def _observation(
    row_no: int,
    record: Record,
    number: float,
    ref_area: str | None,
    source: Source,
    catalogue: Catalogue,
) -> dict[str, object]:
    series = record.series
    unit = _unit(series, record.title)
    fault = record.fault or _fault(record.time_period)
    return {
        "row_no": row_no,
        "ref_area": ref_area,
        "indicator": series.indicator,
        "time_period": _storable(record.time_period),
        "freq": _freq(series, catalogue),
        "obs_value": number,
        "unit_measure": unit,
        "obs_status": _status(series, source, record.time_period),
        "geo_basis": series.geo_basis,
        "value_as_published": _storable(str(record.value)),
        "unit_as_published": record.unit or series.published_unit or unit,
        "area_code": _storable(record.area_code),
        "fault": fault.rule if fault else None,
        "fault_reason": fault.reason if fault else None,
        "sha256": record.snapshot.sha256,
        "url": record.snapshot.url,
        "pointer": _storable(record.pointer),
        "raw_row": record.raw,
    }


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


def _storable(text: str) -> str:
    """Replace NUL, which PostgreSQL cannot store."""
    return text.replace("\0", "\ufffd")


def _unit(series: Series, title: str) -> str | None:
    if series.unit_by_title is None:
        return series.unit
    return next((unit for part, unit in series.unit_by_title.items() if part in title), None)


def _status(series: Series, source: Source, time_period: str) -> str:
    last_estimated = source.last_estimated_period
    return "F" if last_estimated is not None and time_period > str(last_estimated) else series.obs_status


def _with_repeats(observations: pd.DataFrame) -> pd.DataFrame:
    """Count repeats of an observation and different values of its key, which a row rule cannot see."""
    if observations.empty:
        return observations.assign(occurrence=0, distinct_values=0)
    value = observations["obs_value"].astype(object)
    value = value.where(observations["obs_value"].notna(), observations["value_as_published"])
    keyed = observations[KEY].assign(value=value)
    return observations.assign(
        occurrence=keyed.groupby([*KEY, "value"], dropna=False).cumcount() + 1,
        distinct_values=keyed.groupby(KEY, dropna=False)["value"].transform("nunique"),
    )


def _with_shortfall(observations: pd.DataFrame, catalogue: Catalogue) -> pd.DataFrame:
    """Add `shortfall`: by how much a total is less than its part in the same published row; else 0.

    Both observations get it, because the row does not show which of the two is wrong.
    """
    pairs = [(total.id, part) for total in catalogue.indicators.values() for part in total.at_least]
    shortfall = pd.Series(0.0, index=observations.index)
    related = observations[observations["indicator"].isin({name for pair in pairs for name in pair})]
    for _, row in related.groupby(["sha256", "raw_row", "ref_area", "time_period"]):
        by_indicator = dict(zip(row["indicator"], row["obs_value"], strict=True))
        for total, part in pairs:
            gap = by_indicator.get(part, math.nan) - by_indicator.get(total, math.nan)
            if gap > 0:
                both = row.index[row["indicator"].isin((total, part))]
                shortfall[both] = shortfall[both].clip(lower=gap)
    return observations.assign(shortfall=shortfall)
