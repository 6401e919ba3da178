"""Checks whether values stand at another place or in another year than before."""

from itertools import pairwise
from typing import Final

import numpy as np
import pandas as pd

from city_indicators.ingest.validation.load_checks.compare import Texts, Years, apart, by_year, listed

ALIKE: Final = 0.8
"""From this share of places on, two years are alike."""
FEWEST: Final = 3
EQUAL: Final = 1e-6
"""Values that are relatively closer than this are equal."""
FAR: Final = 0.2
"""Places that are closer to each other cannot be distinguished after a year."""
BETTER: Final = 0.2
"""Two places have changed places if that leaves less than this share of their changes."""
MOST_PLACES: Final = 500
"""If more places change that much, other checks refuse the load, and all their pairs would be too many."""
USUAL_TIMES: Final = 4.0
"""How many times the usual change of a place between two years makes a change of places plausible."""


def exchanged(observations: pd.DataFrame, held: pd.DataFrame) -> tuple[Texts, Texts]:
    """Indicators in which two places have changed places, and those in which they seem to.

    A year is compared with itself as held: places that are far from each other must have nearly each other's
    values, others exactly. A year that is not held is compared with the nearest held year before it, which
    shows no more than a likelihood.
    """
    sure: Texts = {}
    likely: Texts = {}
    for indicator, given, known in _by_indicator(observations, held):
        usual = max(FAR, USUAL_TIMES * _usual_change(known))
        names: list[str] = []
        guesses: list[str] = []
        for year in given:
            base = _base(known, year)
            if base is None:
                continue
            both = pd.DataFrame({"now": given[year], "before": known[base]}).dropna()
            change = np.abs(apart(both["now"].to_numpy(), both["before"].to_numpy()))
            pairs = _pairs(both[change > (FAR if base == year else usual)])
            (names if base == year else guesses).extend(f"{a} and {b} in {year}" for a, b in pairs)
        names = names or [f"{a} and {b}" for a, b in _with_each_others(given, known)]
        if names:
            sure[indicator] = f"places have changed places in {indicator}: {listed(names)}"
        elif guesses:
            likely[indicator] = f"places seem to have changed places in {indicator}: {listed(guesses)}"
    return sure, likely


def _with_each_others(given: Years, known: Years) -> list[tuple[str, str]]:
    """Pairs of places each of which has all values that the other had before, in whatever years."""
    years = [year for year in given if year in known]
    now, before = _sequences(given, years), _sequences(known, years)
    owner = {values: place for place, values in before.items()}
    moved = {place: owner.get(values) for place, values in now.items() if before.get(place) != values}
    return [
        (place, other)
        for place, other in sorted(moved.items())
        if other and place < other and moved.get(other) == place and _is_distinct(now[place])
    ]


def _sequences(table: Years, years: list[int]) -> dict[str, tuple[str, ...]]:
    """The values of each place in the order of the years, with ten digits."""
    found: dict[str, list[str]] = {}
    for year in years:
        for place, value in table[year].items():
            found.setdefault(str(place), []).append(f"{value:.10g}")
    return {place: tuple(values) for place, values in found.items()}


def _is_distinct(values: tuple[str, ...]) -> bool:
    """Whether values are no chance: several, or one of four digits or more; rounding may exchange others."""
    return len(values) > 1 or len(values[0].replace(".", "").strip("-0")) >= 4


def _pairs(both: pd.DataFrame) -> list[tuple[str, str]]:
    """Pairs of places of which each has the value of the other before, to within a share of the change."""
    if len(both) > MOST_PLACES:
        return []
    now, before = both["now"].to_numpy(), both["before"].to_numpy()
    own = np.abs(apart(now, before))
    crossed = np.abs(apart(now[:, None], before[None, :]))
    plausible = np.triu(crossed + crossed.T < BETTER * (own[:, None] + own[None, :]), 1)
    return [(str(both.index[a]), str(both.index[b])) for a, b in zip(*np.nonzero(plausible), strict=True)]


def shifted(observations: pd.DataFrame, held: pd.DataFrame) -> Texts:
    """Indicators in which a year has the values of the year before or after it."""
    found: Texts = {}
    for indicator, given, known in _by_indicator(observations, held):
        together = {**known, **given}
        for year in given:
            for other in (year - 1, year + 1):
                source = known if other in known else together
                if other not in source or not _alike(given[year], source[other]):
                    continue
                if year in known:
                    # As held, the two years differ.
                    moved = not _alike(known[year], source[other], ALIKE / 2)
                else:
                    moved = _years_differ(known)
                if moved:
                    found.setdefault(indicator, f"{indicator} {year} has the values of {other}")
    return found


def _alike(one: pd.Series, other: pd.Series, share: float = ALIKE) -> bool:
    both = pd.DataFrame({"one": one, "other": other}).dropna()
    if len(both) < FEWEST:
        return False
    equal = np.abs(apart(both["one"].to_numpy(), both["other"].to_numpy())) < EQUAL
    return bool(equal.mean() >= share)


def _years_differ(known: Years) -> bool:
    """Whether a held year usually differs from the one before it; False if there is none to compare."""
    pairs = [(year - 1, year) for year in known if year - 1 in known]
    return bool(pairs) and not any(_alike(known[a], known[b], ALIKE / 2) for a, b in pairs)


def _base(known: Years, year: int) -> int | None:
    """The year itself if it is held, else the nearest held year before it."""
    before = [held for held in known if held <= year]
    return max(before) if before else None


def _usual_change(known: Years) -> float:
    """The median change of a place from one held year to the next; infinite if there are no two."""
    both = [pd.DataFrame({"a": known[a], "b": known[b]}).dropna() for a, b in pairwise(known)]
    changes = [np.abs(apart(years["b"].to_numpy(), years["a"].to_numpy())) for years in both]
    return float(np.median(np.concatenate(changes))) if any(map(len, changes)) else np.inf


def _by_indicator(observations: pd.DataFrame, held: pd.DataFrame) -> list[tuple[str, Years, Years]]:
    known = dict(iter(held.groupby(["indicator", "unit_measure"])))
    return [
        (str(key[0]), by_year(group), by_year(known[key]))
        for key, group in observations.groupby(["indicator", "unit_measure"])
        if key in known
    ]
