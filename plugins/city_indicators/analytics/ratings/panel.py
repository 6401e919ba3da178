"""Converts long frames of observations into arrays, and checks them."""

from collections.abc import Collection
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd

from city_indicators.analytics.ratings.method import Method
from city_indicators.analytics.ratings.steps import LARGEST
from city_indicators.analytics.ratings.structure import Floats, Structure
from city_indicators.core.errors import GroupsError, MethodError

UNIT = ["time_period", "ref_area"]
KEY = [*UNIT, "indicator"]
# Identifies a value of the method: an indicator may be used twice, by different ids.
PART = [*UNIT, "indicator_id"]
SIZES = "(size classes)"
# Identifies an observation, with its indicator and period, if several units may share it.
IDENTITY = ["source_ref_area", "raw_time_period", "source"]


@dataclass(frozen=True)
class Panel:
    """Values after denominators and caps, and their statuses: (period, unit, indicator).

    The status is "" if there is no value. `groups` has one row per period and unit, in that order, with one
    column per group, and `size_class` if the method has size_classes. `members` marks the rated units:
    (period, unit). `shared_values` is, for each value, the flat position (unit, indicator) of the first unit
    in its period with the same observation, for example a national one; its own position if it is not known
    to be shared. `city_level` marks the values at city level: (period, unit, indicator); None without bases.
    """

    periods: list[str]
    units: list[str]
    observations: Floats
    statuses: np.ndarray
    groups: pd.DataFrame
    members: np.ndarray
    shared_values: np.ndarray
    city_level: np.ndarray | None


def panel_of(
    method: Method,
    structure: Structure,
    areas: list[str],
    periods: list[str],
    values: pd.DataFrame,
    groups: pd.DataFrame | None,
    city_level: Collection[str],
) -> Panel:
    """Arrange the values of a method for some areas and periods as arrays.

    `values` is the result of `ratios.chosen`; `groups` has ref_area, optionally time_period, and one column
    per group; `city_level` are the geographic bases of the city itself.

    Raises:
        MethodError: a denominator is zero, or a least share at city level needs a geo_basis.
        GroupsError: a group does not exist, or a unit has several rows of groups.
    """
    indicators = [leaf.id for leaf in structure.leaves]
    cells = _grid(values, "obs_value", periods, areas, indicators).astype(float)
    statuses = np.full(cells.shape, "")
    if "obs_status" in values:
        found = _grid(values, "obs_status", periods, areas, indicators)
        statuses = np.where(pd.isna(found) | np.isnan(cells), "", found).astype(str)
    for column, leaf in enumerate(structure.leaves):
        if leaf.denominator:
            below = _grid(values, "denominator_obs_value", periods, areas, [leaf.id])[..., 0]
            with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
                cells[..., column] /= below
            if (useless := (below == 0) | (np.abs(cells[..., column]) > LARGEST)).any():
                period, area = np.argwhere(useless)[0]
                where = f"{areas[area]} {periods[period]}".rstrip()
                raise MethodError(
                    f"{leaf.id}: its denominator {leaf.denominator} is zero or nearly so: {where}"
                )
        if leaf.cap:
            cells[..., column] = cells[..., column].clip(*leaf.cap)
    classes = _groups(method, groups, periods, areas)
    if method.size_classes:
        sizes = _grid(values, "obs_value", periods, areas, [SIZES])
        classes["size_class"] = size_class_names(sizes.astype(float).ravel(), method.size_classes.bounds)
    members = np.ones(cells.shape[:2], dtype=bool)
    if method.group:
        members = classes[method.group].notna().to_numpy().reshape(members.shape)
        cells[~members], statuses[~members] = np.nan, ""
    same = _same_values(values, periods, areas, indicators)
    shared_values = _first_places(np.where(np.isnan(cells), np.nan, same))
    own = _of_the_city(method, values, periods, areas, indicators, city_level)
    return Panel(periods, areas, cells, statuses, classes, members, shared_values, own)


def _of_the_city(
    method: Method,
    values: pd.DataFrame,
    periods: list[str],
    areas: list[str],
    indicators: list[str],
    city_level: Collection[str],
) -> np.ndarray | None:
    if "geo_basis" not in values:
        if method.coverage.city_level:
            raise MethodError(
                "coverage.city_level needs a geo_basis, but the values have none. "
                "Next step: add a column geo_basis, or leave out coverage.city_level"
            )
        return None
    own = values["geo_basis"].isin(city_level).astype(float)
    marked: np.ndarray = _grid(values.assign(own=own), "own", periods, areas, indicators) == 1
    return marked


def size_class_names(sizes: Floats, bounds: list[float]) -> pd.Series:
    """The size class of each size, for example below_500000, 500000_to_1000000 or from_1000000."""
    numbers = [f"{bound:.0f}" for bound in bounds]
    between = [f"{low}_to_{high}" for low, high in pairwise(numbers)]
    labels = [f"below_{numbers[0]}", *between, f"from_{numbers[-1]}"]
    return pd.Series(pd.cut(sizes, [-np.inf, *bounds, np.inf], right=False, labels=labels)).astype(object)


def _grid(
    values: pd.DataFrame, column: str, periods: list[str], units: list[str], parts: list[str]
) -> np.ndarray:
    shape = (len(periods), len(units), len(parts))
    at = [
        pd.Index(labels).get_indexer(pd.Index(values[key]))
        for labels, key in zip((periods, units, parts), PART, strict=True)
    ]
    known = np.logical_and.reduce([positions >= 0 for positions in at])
    grid = np.full(shape, np.nan, dtype=object if column == "obs_status" else float)
    grid[tuple(positions[known] for positions in at)] = values[column].to_numpy()[known]
    return grid


def _same_values(values: pd.DataFrame, periods: list[str], units: list[str], parts: list[str]) -> Floats:
    """A number for each value, equal for the same observation in a period; missing if not identified."""
    if not set(IDENTITY) <= set(values):
        return np.full((len(periods), len(units), len(parts)), np.nan)
    numbers = values.groupby(["time_period", "indicator", *IDENTITY]).ngroup()
    return _grid(values.assign(number=numbers), "number", periods, units, parts)


def _first_places(numbers: Floats) -> np.ndarray:
    """The first position in the period with the same number: (period, unit, indicator)."""
    periods, *shape = numbers.shape
    own = np.arange(numbers.size)
    # Each missing number gets a label of its own, below all others.
    labels = np.where(np.isnan(numbers.ravel()), -1 - own, numbers.ravel())
    _, first, inverse = np.unique(labels, return_index=True, return_inverse=True)
    places: np.ndarray = first[inverse].reshape(periods, *shape) % max(1, numbers[0].size)
    return places


def _groups(
    method: Method, groups: pd.DataFrame | None, periods: list[str], units: list[str]
) -> pd.DataFrame:
    rows = pd.MultiIndex.from_product([periods, units], names=UNIT).to_frame(index=False)
    if groups is None:
        groups = pd.DataFrame({"ref_area": units})
    keys = [key for key in UNIT if key in groups]
    if (repeated := groups.duplicated(keys)).any():
        first = groups[repeated].iloc[0]
        raise GroupsError(f"{' '.join(str(first[key]) for key in reversed(keys))} has several rows of groups")
    for group in _named_groups(method):
        if group not in groups:
            raise GroupsError(f"there is no column {group!r}, which the method uses")
    return rows.merge(groups, "left", keys)


def _named_groups(method: Method) -> set[str]:
    varied = (method.uncertainty.factors.missing or []) if method.uncertainty else []
    policies = [method.missing, *varied, *(leaf.missing for leaf in method.entries if leaf.missing)]
    policies += [pillar.missing for pillar in method.root.below() if pillar.missing]
    named = {policy.group for policy in policies} | {method.rank_within, method.group}
    return {group for group in named if group is not None}


def cell(row: pd.Series) -> str:
    """The unit, indicator and period of an observation, as text."""
    return " ".join(str(row[key]) for key in ("ref_area", "indicator", "time_period") if row[key] != "")
