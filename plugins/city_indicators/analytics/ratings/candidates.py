"""Chooses the candidate observations of a rating: for each city, year and indicator the preferred ones.

Observations are read once and carried forward as arrays: a year's values do not depend on the other years.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from city_indicators.analytics.ratings.ratios import NATIONAL
from city_indicators.catalog.reference import Reference

Integers = NDArray[np.int64]

TEXT: Final = pa.dictionary(pa.int32(), pa.string())
OBSERVATIONS: Final = pa.schema(
    [
        *((name, TEXT) for name in ("ref_area", "indicator", "time_period", "unit_measure")),
        *((name, TEXT) for name in ("obs_status", "geo_basis", "source", "correction")),
        ("obs_value", pa.float64()),
        ("version", pa.int64()),
    ]
)
NOT_LISTED: Final = 999
"""The place in an order of preference of what the order does not list: after all others."""


@dataclass(frozen=True)
class Observations:
    """Observed values of places of all kinds, with the columns of OBSERVATIONS, and the reference."""

    rows: pa.Table
    reference: Reference

    def candidates(self, periods: Sequence[str], max_age: int) -> pd.DataFrame:
        """The candidates of each city, period and indicator: at most one national and one other observation.

        It is the preferred one of the period and the `max_age` years before it, in one unit. National and
        other observations stay apart, because both parts of a ratio must be of one kind. Columns: ref_area
        (the city), time_period, raw_time_period and source_ref_area (those of the observation), and the
        others of OBSERVATIONS; sorted by city, period and indicator.
        """
        targets = np.array(sorted({int(period) for period in periods}), dtype=np.int64)
        used = np.flatnonzero(
            (self._cities_of_place[1][self._codes["ref_area"]] > 0)
            & (self._year >= targets.min() - max_age)
            & (self._year <= targets.max())
        )
        row, target = self._carried_forward(used, targets, max_age)
        units = self._units(targets, max_age)
        accepted = units[target, self._codes["indicator"][row]] == self._codes["unit_measure"][row]
        row, target = row[accepted], target[accepted]
        row, target, city = self._of_cities(row, target)
        key = (city * len(targets) + target) * len(self._names["indicator"]) + self._rank_of_name(
            "indicator"
        )[row]
        order = np.lexsort((self._preference[row], self._national[row], key))
        key, national = key[order], self._national[row[order]]
        first = np.ones(len(order), dtype=bool)
        first[1:] = (key[1:] != key[:-1]) | (national[1:] != national[:-1])
        chosen = order[first]
        return self._frame(row[chosen], targets[target[chosen]], city[chosen])

    def preferred(self, periods: Sequence[str], max_age: int) -> pd.DataFrame:
        """The candidates, but the national one only where a city, period and indicator has no other."""
        # National ones stand after others.
        return self.candidates(periods, max_age).drop_duplicates(["ref_area", "time_period", "indicator"])

    def _carried_forward(self, used: Integers, targets: Integers, max_age: int) -> tuple[Integers, Integers]:
        """Each row with the positions of the targets for which it is the latest of its series, one by one."""
        series = np.zeros(len(used), dtype=np.int64)
        for name in ("ref_area", "indicator", "unit_measure", "geo_basis", "source"):
            series = series * len(self._names[name]) + self._codes[name][used]
        order = np.lexsort((self._year[used], series))
        row, series = used[order], series[order]
        year = self._year[row]
        last = np.minimum(year + max_age, targets.max(initial=0))
        same = series[1:] == series[:-1]
        last[:-1][same] = np.minimum(last[:-1], year[1:] - 1)[same]
        begin, end = np.searchsorted(targets, year), np.searchsorted(targets, last, "right")
        return _each(row, begin, np.maximum(end - begin, 0))

    def _of_cities(self, row: Integers, target: Integers) -> tuple[Integers, Integers, Integers]:
        """Repeat rows of a country for each of its cities; adds the position of the city."""
        begins, counts, cities = self._cities_of_place
        place = self._codes["ref_area"][row]
        at, position = _each(np.arange(len(row)), begins[place], counts[place])
        return row[at], target[at], cities[position]

    def _units(self, targets: Integers, max_age: int) -> Integers:
        """The unit of each target and indicator, as codes (target, indicator); -1 if none is accepted.

        Price bases are never mixed: of the units accepted for an indicator, that of most observations is
        used, and of equal ones the first. Each year counts its own observations, so that its unit does not
        depend on the other years.
        """
        indicators, units = len(self._names["indicator"]), len(self._names["unit_measure"])
        first, years = int(targets.min()) - max_age, int(targets.max() - targets.min()) + max_age + 1
        counted = (self._year >= first) & (self._year < first + years)
        cell = (
            self._codes["indicator"][counted].astype(np.int64) * units + self._codes["unit_measure"][counted]
        )
        cell = cell * years + self._year[counted] - first
        counts = np.bincount(cell, minlength=indicators * units * years).reshape(indicators, units, years)
        parameters = self.reference.parameters()
        code = {name: number for number, name in enumerate(self._names["unit_measure"])}
        accepted: dict[str, list[int]] = {}
        for indicator, unit in zip(parameters["accepted_for"], parameters["accepted_units"], strict=True):
            accepted.setdefault(indicator, []).append(code.get(unit, -1))
        chosen = np.full((len(targets), indicators), -1, dtype=np.int64)
        for number, indicator in enumerate(self._names["indicator"]):
            if known := [unit for unit in accepted.get(indicator, ()) if unit >= 0]:
                for at, target in enumerate(targets - first):
                    window = counts[number, known, target - max_age : target + 1].sum(axis=1)
                    chosen[at, number] = known[int(np.argmax(window))]
        return chosen

    def _frame(self, row: Integers, year: Integers, city: Integers) -> pd.DataFrame:
        """The candidates as a frame."""
        names = sorted(each.ref_area for each in self.reference.cities)
        renamed = {"ref_area": "source_ref_area", "time_period": "raw_time_period"}
        taken = self.rows.take(pa.array(row))
        columns = {
            "ref_area": pa.DictionaryArray.from_arrays(
                pa.array(city, pa.int32()), pa.array(names, pa.string())
            ),
            "time_period": pa.array(year).cast(pa.string()),
            **{renamed.get(name, name): taken[name] for name in taken.column_names},
        }
        table = pa.table(columns)
        plain = [
            pa.field(each.name, pa.large_string() if pa.types.is_dictionary(each.type) else each.type)
            for each in table.schema
        ]
        frame: pd.DataFrame = table.cast(pa.schema(plain)).to_pandas()
        return frame

    @cached_property
    def _codes(self) -> dict[str, NDArray[np.int32]]:
        """The position of each text in `_names`, by column."""
        return {
            name: self._dictionaries[name].indices.to_numpy()
            for name in OBSERVATIONS.names
            if OBSERVATIONS.field(name).type == TEXT and name != "correction"
        }

    @cached_property
    def _names(self) -> dict[str, list[str]]:
        return {name: each.dictionary.to_pylist() for name, each in self._dictionaries.items()}

    @cached_property
    def _dictionaries(self) -> dict[str, pa.DictionaryArray]:
        unified = self.rows.unify_dictionaries()
        return {
            name: unified[name].combine_chunks()
            for name in OBSERVATIONS.names
            if OBSERVATIONS.field(name).type == TEXT
        }

    @cached_property
    def _year(self) -> Integers:
        years = np.array([int(name) for name in self._names["time_period"]], dtype=np.int64)
        return years[self._codes["time_period"]]

    @cached_property
    def _national(self) -> NDArray[np.bool_]:
        is_national = np.array([name == NATIONAL for name in self._names["geo_basis"]], dtype=bool)
        return is_national[self._codes["geo_basis"]]

    @cached_property
    def _preference(self) -> Integers:
        """The sort key of observations of a city and an indicator, as core.preference, smallest first."""
        parameters = self.reference.parameters()
        basis, source = (
            _places_in(parameters[order], self._names[name])[self._codes[name]]
            for order, name in (("bases", "geo_basis"), ("sources", "source"))
        )
        return (basis * (NOT_LISTED + 1) + source) * 10_000 - self._year

    def _rank_of_name(self, column: str) -> Integers:
        """The position of each row's text among the sorted texts of a column."""
        ranks = np.argsort(np.argsort(np.array(self._names[column], dtype=object)))
        return ranks[self._codes[column]].astype(np.int64)

    @cached_property
    def _cities_of_place(self) -> tuple[Integers, Integers, Integers]:
        """The cities of each place, itself or those of a country: begins and counts in their positions."""
        code = {name: number for number, name in enumerate(self._names["ref_area"])}
        cities = sorted((city.ref_area, city.country) for city in self.reference.cities)
        pairs = [
            (code[place], position)
            for position, (city, country) in enumerate(cities)
            for place in (city, country)
            if place in code
        ]
        found = np.array(sorted(pairs), dtype=np.int64).reshape(-1, 2)
        counts = np.bincount(found[:, 0], minlength=len(code)).astype(np.int64)
        return np.concatenate([[0], np.cumsum(counts)[:-1]]).astype(np.int64), counts, found[:, 1]


def _each(items: Integers, begins: Integers, counts: Integers) -> tuple[Integers, Integers]:
    """Repeat each item `counts` times, beside the numbers from its `begins` on."""
    ends = np.cumsum(counts)
    within = np.arange(int(counts.sum())) - np.repeat(ends - counts, counts)
    return np.repeat(items, counts), np.repeat(begins, counts) + within


def _places_in(order: Sequence[str], names: Sequence[str]) -> Integers:
    """The place of each name in an order of preference, from 1."""
    places = {name: place for place, name in enumerate(order, 1)}
    return np.array([places.get(name, NOT_LISTED) for name in names], dtype=np.int64)
