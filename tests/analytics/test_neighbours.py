"""The search for neighbours, compared with all pairs compared one by one."""

import math

import numpy as np
import pandas as pd
import pytest

from city_indicators.analytics.neighbours import Classes, Numbers, Places

WEIGHTS = [0.4, 0.3, 0.3]
LEAST = 0.5
SAME_LETTER = {("a", "a"): 0.0, ("b", "b"): 0.0, ("a", "b"): 0.5, ("b", "a"): 0.5}


def apart(one: str, other: str) -> float:
    return SAME_LETTER[one, other]


def invented(count: int, seed: int) -> list[tuple[float | None, float | None, str | None]]:
    """Places on a grid, so that many distances are equal, with a fifth of the features unknown."""
    random = np.random.default_rng(seed)
    rows = []
    for _ in range(count):
        first, second = (float(each) for each in random.integers(0, 7, 2))
        known = random.random(3) >= 0.2
        letter = "ab"[random.integers(2)]
        rows.append((first if known[0] else None, second if known[1] else None, letter if known[2] else None))
    return rows


def places(rows: list[tuple[float | None, float | None, str | None]]) -> Places:
    frame = pd.DataFrame(rows, columns=["first", "second", "letter"])
    numbers = [Numbers(frame[name].to_numpy(dtype=float)) for name in ("first", "second")]
    return Places([*numbers, Classes.of(frame["letter"], apart)], WEIGHTS, LEAST)


def by_hand(rows: list[tuple[float | None, float | None, str | None]], place: int) -> list[tuple[float, int]]:
    """The distance and position of each comparable place, sorted."""
    spans = [max(known) - min(known) for column in (0, 1) for known in [_known(rows, column)]]
    found = []
    for other, row in enumerate(rows):
        parts = []
        for column, (mine, theirs) in enumerate(zip(rows[place], row, strict=True)):
            if mine is not None and theirs is not None:
                letters = isinstance(mine, str)
                difference = apart(str(mine), str(theirs)) if letters else abs(mine - theirs) / spans[column]  # type: ignore[operator]
                parts.append((WEIGHTS[column], difference))
        shared = math.fsum(weight for weight, _ in parts)
        if other != place and shared >= LEAST - 1e-9:
            distance = math.fsum(weight * difference for weight, difference in parts) / shared
            found.append((round(distance, 9), other))
    return sorted(found)


def _known(rows: list[tuple[float | None, float | None, str | None]], column: int) -> list[float]:
    return [value for row in rows if isinstance(value := row[column], float)]


@pytest.mark.parametrize("seed", range(5))
def test_the_nearest_are_those_of_all_pairs_equal_distances_in_order(seed: int) -> None:
    """Many distances here are equal; the search begins with fewer candidates than needed."""
    rows = invented(150, seed)
    found = dict(places(rows).nearest(4))
    assert sorted(found) == list(range(150))
    for place, others in found.items():
        expected = by_hand(rows, place)
        distances = places(rows).compared(np.array(place), others).distance
        assert [round(float(each), 9) for each in distances] == [distance for distance, _ in expected[:4]]
        # Distances that differ by rounding alone may come in any order: compare the sets up to the last.
        last = expected[len(others) - 1][0] if expected else 0
        nearer = {other for distance, other in expected if distance < last}
        as_near = {other for distance, other in expected if distance <= last}
        assert nearer <= set(others.tolist()) <= as_near


def test_all_comparable_places_come_nearest_first() -> None:
    rows = invented(60, 9)
    for place in range(60):
        others = places(rows).all_nearest(place)
        assert sorted(others.tolist()) == sorted(other for _, other in by_hand(rows, place))
        distances = places(rows).compared(np.array(place), others).distance
        assert (np.diff(distances) >= 0).all()


def test_equal_places_are_neighbours_in_their_order() -> None:
    """More places without any difference than the search compares at first."""
    same = places([(1.0, 2.0, "a")] * 100)
    assert {place: others.tolist() for place, others in same.nearest(3)} == {
        place: [other for other in range(4) if other != place][:3] for place in range(100)
    }


def test_places_with_too_few_features_have_no_neighbours() -> None:
    rows: list[tuple[float | None, float | None, str | None]] = [
        (1.0, 2.0, "a"),
        (3.0, None, None),
        (None, None, None),
        (2.0, 2.0, None),
    ]
    found = {place: others.tolist() for place, others in places(rows).nearest(2)}
    assert found == {0: [3], 1: [], 2: [], 3: [0]}
