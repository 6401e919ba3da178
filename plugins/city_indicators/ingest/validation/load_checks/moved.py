"""Checks whether values stand at another place or in another year than before."""

from itertools import pairwise
from typing import Final

import numpy as np

from city_indicators.ingest.validation.load_checks.compare import (
    Series,
    Texts,
    Values,
    Years,
    apart,
    both,
    listed,
)

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


def exchanged(series: list[Series]) -> tuple[Texts, Texts]:
    """Indicators in which two places have changed places, and those in which they seem to.

    A year is compared with itself as held: places that are far from each other must have nearly each other's
    values, others exactly. A year that is not held is compared with the nearest held year before it, which
    shows no more than a likelihood.
    """
    sure: Texts = {}
    likely: Texts = {}
    for each in series:
        indicator, known = each.indicator, each.held
        usual = max(FAR, USUAL_TIMES * _usual_change(known))
        names: list[str] = []
        guesses: list[str] = []
        for year, now in each.given.items():
            base = _base(known, year)
            if base is None:
                continue
            at = np.flatnonzero(both(now, known[base]))
            change = np.abs(apart(now[at], known[base][at]))
            at = at[change > (FAR if base == year else usual)]
            pairs = [(each.places[at[a]], each.places[at[b]]) for a, b in _pairs(now[at], known[base][at])]
            (names if base == year else guesses).extend(f"{a} and {b} in {year}" for a, b in pairs)
        names = names or [f"{a} and {b}" for a, b in _with_each_others(each)]
        if names:
            sure[indicator] = f"places have changed places in {indicator}: {listed(names)}"
        elif guesses:
            likely[indicator] = f"places seem to have changed places in {indicator}: {listed(guesses)}"
    return sure, likely


def _with_each_others(series: Series) -> list[tuple[str, str]]:
    """Pairs of places each of which has all values that the other had before, in whatever years."""
    years = [year for year in series.given if year in series.held]
    now, before = (_sequences(table, years, series.places) for table in (series.given, series.held))
    owner = {values: place for place, values in before.items()}
    moved = {place: owner.get(values) for place, values in now.items() if before.get(place) != values}
    return [
        (place, other)
        for place, other in sorted(moved.items())
        if other and place < other and moved.get(other) == place and _is_distinct(now[place])
    ]


def _sequences(table: Years, years: list[int], places: list[str]) -> dict[str, tuple[str, ...]]:
    """The values of each place in the order of the years, with ten digits."""
    found: dict[str, list[str]] = {}
    for year in years:
        for number in np.flatnonzero(~np.isnan(table[year])):
            found.setdefault(places[number], []).append(f"{table[year][number]:.10g}")
    return {place: tuple(values) for place, values in found.items()}


def _is_distinct(values: tuple[str, ...]) -> bool:
    """Whether values are no chance: several, or one of four digits or more; rounding may exchange others."""
    return len(values) > 1 or len(values[0].replace(".", "").strip("-0")) >= 4


def _pairs(now: Values, before: Values) -> list[tuple[int, int]]:
    """Pairs of places of which each has the value of the other before, to within a share of the change."""
    if len(now) > MOST_PLACES:
        return []
    own = np.abs(apart(now, before))
    crossed = np.abs(apart(now[:, None], before[None, :]))
    plausible = np.triu(crossed + crossed.T < BETTER * (own[:, None] + own[None, :]), 1)
    return [(int(a), int(b)) for a, b in zip(*np.nonzero(plausible), strict=True)]


def shifted(series: list[Series]) -> Texts:
    """Indicators in which a year has the values of the year before or after it."""
    found: Texts = {}
    for each in series:
        indicator, given, known = each.indicator, each.given, each.held
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


def _alike(one: Values, other: Values, share: float = ALIKE) -> bool:
    at = both(one, other)
    if at.sum() < FEWEST:
        return False
    equal = np.abs(apart(one[at], other[at])) < EQUAL
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
    years = [(known[a], known[b], both(known[a], known[b])) for a, b in pairwise(known)]
    changes = [np.abs(apart(after[at], before[at])) for before, after, at in years]
    return float(np.median(np.concatenate(changes))) if any(map(len, changes)) else np.inf
