"""Checks how many places a load gives of each indicator and year."""

from typing import Any, Final

import pandas as pd

from city_indicators.ingest.categories import are_given
from city_indicators.ingest.validation.load_checks.compare import Texts, listed, percent

LARGEST_SHARE: Final = 0.05
"""The largest share of an indicator's held observations that may be gone from the source."""
COMPLETE: Final = 0.95
"""A year with less than this share of the expected places is incomplete."""
FEWEST: Final = 3
LARGEST_REJECTED: Final = 0.5
"""The largest share of an indicator's rows that may be rejected, of FEWEST or more."""
YEARS_OF_HISTORY: Final = 3
"""From how many held years on their fewest places are what a new year should have."""


def withdrawn(given: pd.DataFrame, stored: pd.DataFrame) -> tuple[Texts, Texts]:
    """Indicators whose held observations are gone from the source: too many of them, and any.

    `given` are all observations of the load, rejected ones included; `stored` the held ones in its scope.
    """
    gone = stored[~are_given(stored, given)]
    held = stored.groupby("indicator").size()
    many: Texts = {}
    few: Texts = {}
    for indicator, group in gone.groupby("indicator"):
        share = len(group) / held[indicator]
        names = [f"{row.ref_area} {row.time_period}" for row in group.itertuples()]
        text = (
            f"{len(group)} of {held[indicator]} held observations of {indicator} are gone from the source "
            f"({percent(share)}): {listed(names)}"
        )
        (many if share > LARGEST_SHARE and len(group) > 1 else few)[str(indicator)] = text
    return many, few


def rejected(given: pd.DataFrame, sound: pd.DataFrame) -> Texts:
    """Indicators of which most rows are rejected: its values as a group are wrong, not a few of them.

    `given` are all observations of the load, `sound` those that no row rule rejects.
    """
    found: Texts = {}
    left = sound.groupby("indicator").size().to_dict()
    for indicator, count in given.groupby("indicator").size().items():
        lost = int(count) - int(left.get(indicator, 0))
        if count >= FEWEST and lost > LARGEST_REJECTED * count:
            found[str(indicator)] = f"{lost} of {count} rows of {indicator} were rejected: its values changed"
    return found


def few_places(observations: pd.DataFrame, held: pd.DataFrame, fewest: dict[str, int]) -> tuple[Texts, Texts]:
    """Indicators with a new year of too few places: fewer than expected, and fewer than the year before.

    One place less than declared gives a warning. Expected is the declared number (`fewest`, by indicator;
    include/expectations/places.csv), else the fewest places of a held year, if there are enough of them.
    Years that are held are checked by what is gone from them. `observations` are all of the load, rejected
    ones included.
    """
    too_few: Texts = {}
    fewer: Texts = {}
    given, known = _places(observations), _places(held)
    for name, years in given.items():
        history = known.get(name, {})
        usual = min(history.values()) if len(history) >= YEARS_OF_HISTORY else 0
        declared = fewest.get(name, 0)
        for year, places in years.items():
            before = max((held_year for held_year in history if held_year < year), default=None)
            if year in history:
                continue
            expected = declared or usual
            if places < (declared - 1 if declared else COMPLETE * usual):
                too_few.setdefault(name, f"{places} places of {name} {year}, {expected} are expected")
            elif before and places < COMPLETE * history[before]:
                fewer.setdefault(name, f"{places} places of {name} {year}, {history[before]} in {before}")
            elif places < declared:
                fewer.setdefault(name, f"{places} places of {name} {year}, {declared} are expected")
    return too_few, fewer


def _places(frame: pd.DataFrame) -> dict[str, dict[str, int]]:
    """The number of places by indicator and year."""
    found: dict[str, dict[str, int]] = {}
    counts: dict[Any, Any] = frame.groupby(["indicator", "time_period"])["ref_area"].nunique().to_dict()
    for (indicator, year), places in counts.items():
        found.setdefault(str(indicator), {})[str(year)] = int(places)
    return found
