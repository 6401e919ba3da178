"""Finds the nearest of many places by features that may be missing, without comparing all pairs.

The distance of two places is the weighted mean of their differences in the features that both have
(J. C. Gower, 1971, A general coefficient of similarity and some of its properties, Biometrics 27(4)).
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from city_indicators.analytics.trends.statistics import Array

if TYPE_CHECKING:
    from scipy.spatial import KDTree

Positions = NDArray[np.intp]

AT_ONCE: Final = 256
"""The places whose neighbours are searched at once: twelve thousand need no more memory than fifty."""
FIRST_LOOK: Final = 4
"""How many times as many candidates as neighbours are compared first; if too few, as many times again."""
ROUNDING: Final = 1e-9
"""What sums of the same terms in another order may differ by, relative to the sum."""


@dataclass(frozen=True)
class Numbers:
    """A feature that is a number, NaN where unknown. Differences are relative to the range of all places."""

    numbers: Array

    @cached_property
    def known(self) -> NDArray[np.bool_]:
        """Which places have a value."""
        return np.isfinite(self.numbers)

    @cached_property
    def span(self) -> float:
        """The greatest difference of two places; 1 if there is none."""
        known = self.numbers[self.known]
        return float(np.ptp(known)) if known.size and np.ptp(known) > 0 else 1.0

    def apart(self, one: Positions, other: Positions) -> Array:
        """The differences of pairs of places, 0 to 1; NaN if one of the two has no value."""
        return np.asarray(np.abs(self.numbers[one] - self.numbers[other]) / self.span)


@dataclass(frozen=True)
class Classes:
    """A feature that is a class: the position of each place's class in `between`, -1 where unknown.

    `between` has the differences of classes, 0 to 1: (class, class).
    """

    codes: Positions
    between: Array

    @classmethod
    def of(cls, values: "pd.Series[Any]", apart: Callable[[str, str], float]) -> "Classes":
        """The classes of places, compared once for each pair of classes."""
        codes, classes = pd.factorize(values)
        table = [[apart(str(one), str(other)) for other in classes] for one in classes]
        return cls(codes.astype(np.intp), np.array(table, dtype=float).reshape(len(classes), len(classes)))

    @cached_property
    def known(self) -> NDArray[np.bool_]:
        """Which places have a class."""
        return self.codes >= 0

    def apart(self, one: Positions, other: Positions) -> Array:
        """The differences of pairs of places, 0 to 1; NaN if one of the two has no class."""
        if not self.between.size:
            return np.full(np.broadcast_shapes(one.shape, other.shape), np.nan)
        both = self.known[one] & self.known[other]
        return np.where(both, self.between[self.codes[one], self.codes[other]], np.nan)


@dataclass(frozen=True)
class Comparison:
    """Pairs of places compared: (…) each, `apart` (feature, …).

    `apart` has the differences, NaN where one has no value. `weight` is the share of all weights that two
    places share, and `distance` NaN if that is too little.
    """

    apart: Array
    weight: Array
    distance: Array


@dataclass(frozen=True)
class Places:
    """Places with their features and the features' weights.

    Two places are comparable if the features that both have make at least `least_weight` of all weights.
    """

    features: Sequence[Numbers | Classes]
    weights: Sequence[float]
    least_weight: float
    _trees: dict[tuple[int, int], "KDTree"] = field(default_factory=dict, init=False, repr=False)

    def compared(self, one: Positions, other: Positions) -> Comparison:
        """Compare pairs of places, given by their positions; the shapes are broadcast."""
        apart = np.stack([feature.apart(one, other) for feature in self.features])
        weights = np.array(self.weights).reshape(-1, *(1 for _ in apart.shape[1:]))
        known = np.isfinite(apart)
        # Feature by feature: a product of matrices would add up in an order that depends on the machine.
        shared, total = np.zeros(apart.shape[1:]), np.zeros(apart.shape[1:])
        for own, difference in zip(weights * known, weights * np.where(known, apart, 0), strict=True):
            shared += own
            total += difference
        distance = total / np.where(shared > 0, shared, 1)
        weight = shared / weights.sum()
        # Weights are sums of decimal fractions.
        distance[weight < self.least_weight - ROUNDING] = np.nan
        distance[one == other] = np.nan
        return Comparison(apart, weight, distance)

    def all_nearest(self, place: int) -> Positions:
        """All places that are comparable to a place, nearest first; equal distances in their order."""
        distance = self.compared(np.array(place), np.arange(len(self._patterns))).distance
        order = np.argsort(distance, kind="stable")
        return order[np.isfinite(distance[order])]

    def nearest(self, count: int) -> Iterator[tuple[int, Positions]]:
        """Each place with the first `count` of its `all_nearest`."""
        for pattern, places in self._by_pattern.items():
            for start in range(0, len(places), AT_ONCE):
                block = places[start : start + AT_ONCE]
                yield from zip(block.tolist(), self._of_block(pattern, block, count), strict=True)

    def _of_block(self, pattern: int, places: Positions, count: int) -> list[Positions]:
        """The nearest of places with the same known features.

        A tree finds candidates by the numbers alone. Classes only add to a distance, so the search of a place
        ends when no further candidate can be as near as the last neighbour found.
        """
        found: dict[int, Positions] = {}
        left, look = places, FIRST_LOOK * (count + 1)
        while left.size:
            candidates, beyond = self._candidates(pattern, left, look)
            distance = self.compared(left[:, None], np.maximum(candidates, 0)).distance
            distance[(candidates < 0) | np.isnan(distance)] = np.inf
            order = np.lexsort((candidates, distance))[:, :count]
            nearest = np.take_along_axis(distance, order, axis=1)
            last = nearest[:, -1] if nearest.shape[1] == count else np.full(len(left), np.inf)
            done = np.isinf(beyond) | (beyond > last * (1 + ROUNDING) + ROUNDING**2)
            for row in np.flatnonzero(done):
                near = candidates[row, order[row]]
                found[int(left[row])] = near[np.isfinite(nearest[row])]
            left, look = left[~done], look * FIRST_LOOK
        return [found[int(place)] for place in places]

    def _candidates(self, pattern: int, places: Positions, look: int) -> tuple[Positions, Array]:
        """Candidates (place, candidate), -1 for none, and the distance below which there is no other."""
        columns: list[Positions] = [np.full((len(places), 1), -1)]
        beyond = np.full(len(places), np.inf)
        for other, members in self._by_pattern.items():
            numbers, weight = self._shared(pattern & other)
            if weight < self.least_weight * sum(self.weights) - ROUNDING:
                continue
            if not numbers or look >= len(members):
                columns.append(np.broadcast_to(members, (len(places), len(members))))
                continue
            tree = self._tree(other, pattern & other)
            lower, positions = tree.query(self._scaled(places, pattern & other), np.arange(1, look + 1), p=1)
            columns.append(members[positions])
            beyond = np.minimum(beyond, lower[:, -1])
        return np.concatenate(columns, axis=1), beyond

    def _tree(self, pattern: int, shared: int) -> "KDTree":
        from scipy.spatial import KDTree

        if (pattern, shared) not in self._trees:
            members = self._by_pattern[pattern]
            self._trees[pattern, shared] = KDTree(self._scaled(members, shared))
        return self._trees[pattern, shared]

    def _scaled(self, places: Positions, shared: int) -> Array:
        """The numbers of places, scaled so that sums of differences are the part of numbers in a distance."""
        numbers, weight = self._shared(shared)
        parts = [
            feature.numbers[places] * (self.weights[column] / feature.span / weight)
            for column, feature in numbers.items()
        ]
        return np.stack(parts, axis=1)

    def _shared(self, shared: int) -> tuple[dict[int, Numbers], float]:
        """The numbers among some features, by column, and the weight of all of these features."""
        columns = [column for column in range(len(self.features)) if shared >> column & 1]
        numbers = {
            column: feature for column in columns if isinstance(feature := self.features[column], Numbers)
        }
        return numbers, sum(self.weights[column] for column in columns)

    @cached_property
    def _patterns(self) -> Positions:
        """The known features of each place, as a bit for each feature."""
        bits = [feature.known.astype(np.intp) << column for column, feature in enumerate(self.features)]
        return np.asarray(np.bitwise_or.reduce(bits))

    @cached_property
    def _by_pattern(self) -> dict[int, Positions]:
        """The places by their known features."""
        return {
            int(pattern): np.flatnonzero(self._patterns == pattern) for pattern in np.unique(self._patterns)
        }
