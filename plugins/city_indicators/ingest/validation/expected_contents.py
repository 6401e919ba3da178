"""Loads what a source must give: anchors (published values with their citation) and numbers of places."""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import pandas as pd

from city_indicators.core.intervals import Interval
from city_indicators.core.paths import EXPECTATIONS

ANCHOR_COLUMNS: Final = ["ref_area", "indicator", "time_period", "unit_measure", "obs_value", "tolerance"]


def _typed(anchors: Sequence[Mapping[str, str]] = ()) -> pd.DataFrame:
    return pd.DataFrame(anchors, columns=ANCHOR_COLUMNS).astype({"obs_value": float, "tolerance": float})


@dataclass(frozen=True)
class ExpectedContents:
    """What a load of a source must give.

    `anchors` has ANCHOR_COLUMNS, one published value a row. `fewest_places` is the number of places that
    every year of an indicator has. `years` are those that the load covers.
    """

    anchors: pd.DataFrame = field(default_factory=_typed)
    fewest_places: dict[str, int] = field(default_factory=dict)
    years: frozenset[str] = frozenset()


NOTHING_EXPECTED: Final = ExpectedContents()


def expected_contents(source: str, interval: Interval) -> ExpectedContents:
    """What include/expectations declares of a source, for the years of a load."""
    anchors = [row for row in _rows("anchors.csv") if row["source"] == source]
    fewest = {row["indicator"]: int(row["fewest"]) for row in _rows("places.csv") if row["source"] == source}
    return ExpectedContents(_typed(anchors), fewest, frozenset(str(year) for year in interval.years))


def _rows(name: str) -> list[dict[str, str]]:
    with (EXPECTATIONS / name).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))
