"""The tree of a method as arrays.

Columns are the indicators, then the pillars, each after its parts, and the index last. Parts are sorted by
id, so that neither the order in a method file nor that of its inputs changes a digit.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from city_indicators.analytics.ratings.formula import names_in
from city_indicators.analytics.ratings.method import Method, MethodIndicator, Pillar
from city_indicators.analytics.ratings.steps import Aggregation

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Node:
    """A pillar: its column and those of its parts; `leaves` are the columns of all indicators below it.

    `own_way`: the pillar declares its own aggregation instead of using that of the method. `inputs` are the
    columns that its formula uses, by name. `refused`: an undefined score stops the rating.
    """

    pillar: Pillar
    column: int
    parts: NDArray[np.intp]
    leaves: NDArray[np.intp]
    aggregation: Aggregation
    own_way: bool
    inputs: dict[str, int]
    refused: bool

    @property
    def follows_parts(self) -> bool:
        """Whether the score is the weighted mean of its parts, so that it can be split among them."""
        return self.pillar.formula is None and self.pillar.normalisation is None


@dataclass(frozen=True)
class Structure:
    """The indicators of a method, its pillars from the bottom up, and the shares of parts in pillars."""

    leaves: tuple[MethodIndicator, ...]
    nodes: tuple[Node, ...]
    names: tuple[str, ...]
    shares: Floats
    parents: NDArray[np.intp]

    @property
    def root(self) -> Node:
        """The index."""
        return self.nodes[-1]

    @property
    def uppermost(self) -> list[Node]:
        """The pillars directly below the index."""
        return [node for node in self.nodes if self.parents[node.column] == self.root.column]

    def aggregated(self, how: Aggregation) -> "Structure":
        """The same structure with one aggregation for all pillars; an undefined score is missing."""
        nodes = (replace(node, aggregation=how, refused=False) for node in self.nodes)
        return replace(self, nodes=tuple(nodes))

    @property
    def without_weight(self) -> set[int]:
        """The columns of the parts of formulas."""
        return {int(part) for node in self.nodes if node.pillar.formula for part in node.parts}


def structure_of(method: Method) -> Structure:
    """The arrays of a method."""
    leaves = tuple(sorted(method.entries, key=lambda entry: entry.id))
    columns = {leaf.id: column for column, leaf in enumerate(leaves)}
    nodes: list[Node] = []
    below: dict[str, list[int]] = {leaf.id: [column] for column, leaf in enumerate(leaves)}
    ordered = sorted(method.root.below(), key=lambda node: (-_depth(method, node), node.id))
    size = len(leaves) + len(ordered)
    shares, parents = np.ones(size), np.full(size, -1, dtype=np.intp)
    for pillar in ordered:
        columns[pillar.id] = column = len(columns)
        parts = sorted(pillar.parts, key=lambda part: part.id)
        below[pillar.id] = sorted(leaf for part in parts for leaf in below[part.id])
        positions = np.array([columns[part.id] for part in parts])
        shares[positions] = [method.share(pillar, part) for part in parts]
        parents[positions] = column
        nodes.append(
            Node(
                pillar,
                column,
                positions,
                np.array(below[pillar.id]),
                pillar.aggregation or method.aggregation,
                pillar.aggregation is not None,
                {name: columns[name] for name in names_in(pillar.formula)} if pillar.formula else {},
                (pillar.undefined or method.undefined) == "refused",
            )
        )
    return Structure(leaves, tuple(nodes), tuple(columns), shares, parents)


def _depth(method: Method, sought: Pillar) -> int:
    """The depth of a pillar below the index."""

    def find(node: Pillar, depth: int) -> int:
        if node.id == sought.id:
            return depth
        return max((find(part, depth + 1) for part in node.pillars), default=-1)

    return find(method.root, 0)
