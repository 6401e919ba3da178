"""The tree of a method as rows: each pillar and indicator with its weights, each pillar before its parts."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from city_indicators.analytics.ratings.decomposition import effective_weights
from city_indicators.analytics.ratings.method import Method, MethodIndicator, Pillar
from city_indicators.analytics.ratings.structure import structure_of
from city_indicators.core.languages import Language
from city_indicators.delivery.web.labels import Labels


@dataclass(frozen=True)
class Part:
    """A pillar or an indicator.

    `depth` is 0 at the top. `in_pillar` and `in_score` are shares, 0 to 1, if nothing is missing; parts of a
    formula share alike, and have no weight (`weight` is None). `in_formula`: it is a part of a formula, or in
    such a part, so that no share of the score is declared. `declared` is the entry of the method.
    """

    id: str
    name: str
    pillar: str
    depth: int
    weight: float | None
    in_pillar: float
    in_score: float
    in_formula: bool
    declared: Pillar | MethodIndicator

    @property
    def kind(self) -> str:
        """`pillar` or `indicator`."""
        return "pillar" if isinstance(self.declared, Pillar) else "indicator"


def tree(method: Method, labels: Labels, language: Language) -> list[Part]:
    """The parts of a method in the order of its file."""
    shares = shares_of(method)
    return list(_below(method, method.root, 0, False, shares, labels, language))


def shares_of(method: Method) -> dict[str, float]:
    """The share of each part in the score, if nothing is missing; parts of a formula share alike."""
    structure = structure_of(method)
    complete = np.ones((1, len(structure.names)))
    weights = effective_weights(structure, complete, through_formulas=True)[0]
    return dict(zip(structure.names, weights.tolist(), strict=True))


def _below(
    method: Method,
    pillar: Pillar,
    depth: int,
    in_formula: bool,
    shares: dict[str, float],
    labels: Labels,
    language: Language,
) -> Iterator[Part]:
    in_formula = in_formula or pillar.formula is not None
    for part in pillar.parts:
        yield Part(
            id=part.id,
            name=name_of(part, labels, language),
            pillar=pillar.id,
            depth=depth,
            weight=None if pillar.formula else part.weight or 1.0,
            in_pillar=method.share(pillar, part),
            in_score=shares[part.id],
            in_formula=in_formula,
            declared=part,
        )
        if isinstance(part, Pillar):
            yield from _below(method, part, depth + 1, in_formula, shares, labels, language)


def name_of(part: Pillar | MethodIndicator, labels: Labels, language: Language) -> str:
    """The name of a part in a language."""
    return (
        part.name.in_language(language) if isinstance(part, Pillar) else labels("indicator", part.indicator)
    )
