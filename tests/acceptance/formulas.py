"""Variants that COINr did not compute, calculated by formula from its treated or normalised values.

All weights of the ASEM index are equal, so short formulas are enough.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from tests.acceptance.asem import INDEX, NAME, SCALE_FROM_ONE, Asem
from tests.acceptance.runs import Comparison, by_indicator, long, pillar_scores

BY_FORMULA: Final = ("formula", 1e-9)

Means = dict[str, Callable[[pd.DataFrame], pd.Series]]


def geometric(parts: pd.DataFrame) -> pd.Series:
    """The geometric mean: the root of the product."""
    return parts.prod(axis=1) ** (1 / parts.shape[1])


def copeland(parts: pd.DataFrame) -> pd.Series:
    """The number of units that each beats by the majority of parts, minus the number that beat it."""
    values = parts.to_numpy()
    higher = (values[:, None] > values[None]).sum(axis=2)
    return pd.Series(((higher > higher.T) * 1 - (higher < higher.T) * 1).sum(axis=1), parts.index)


def min_max(values: pd.DataFrame) -> pd.DataFrame:
    """Min-max scores from 0 to 100, more being better."""
    return 100 * (values - values.min()) / (values.max() - values.min())


@dataclass(frozen=True)
class Formulas:
    """Formulas applied to the steps of `asem`, compared with ratings by the engine."""

    asem: Asem

    def comparisons(self) -> Iterator[Comparison]:
        """The scores of each variant, and its normalised values if COINr has none."""
        yield from self._aggregations()
        for name, changes, normalised in self._normalisations():
            method = {**self.asem.method(), **changes}
            tables = self.asem.rate(name.replace(" ", "_"), method)
            ours = by_indicator(tables, "normalised")
            yield Comparison(NAME, name, "normalised observations", long(normalised), ours, *BY_FORMULA)
            reference = self._aggregated(normalised, {})
            yield Comparison(NAME, name, "scores", reference, pillar_scores(tables, INDEX), *BY_FORMULA)

    def _aggregations(self) -> Iterator[Comparison]:
        from_one = self.asem.wide("variants/minmax1_100_harm__normalised")
        pillars = self.asem.meta.index[self.asem.meta["Type"] == "Aggregate"]
        for name, changes, means, normalised in (
            ("geometric", SCALE_FROM_ONE, dict.fromkeys(pillars, geometric), from_one),
            ("siblings that differ", SCALE_FROM_ONE, {"Conn": geometric, "Social": geometric}, from_one),
            ("Copeland", {}, dict.fromkeys(pillars, copeland), self.asem.wide("step_Normalised")),
            (
                "Copeland of pillars",
                {},
                {"Conn": copeland, "Sust": copeland},
                self.asem.wide("step_Normalised"),
            ),
        ):
            method = {**self.asem.method(), **changes}
            if INDEX in means:
                method["aggregation"] = means[INDEX].__name__
            else:
                _set_aggregations(method, means)
            tables = self.asem.rate(name.replace(" ", "_"), method)
            reference = self._aggregated(normalised, means)
            yield Comparison(NAME, name, "scores", reference, pillar_scores(tables, INDEX), *BY_FORMULA)

    def _normalisations(self) -> Iterator[tuple[str, dict[str, Any], pd.DataFrame]]:
        treated, imputed = self.asem.wide("step_Treated"), self.asem.wide("step_Imputed")
        meta = self.asem.meta.loc[treated.columns]
        better = treated * meta["Direction"]
        places = better.rank(method="min") - 1
        yield "percentile rank", {"normalisation": "percentile_rank"}, 100 * places / (len(better) - 1)
        low, target = better.min(), meta["Target"] * meta["Direction"]
        distances = 100 * (better - low) / (target - low)
        yield "distance to target", {"normalisation": "distance_to_target"}, distances.clip(upper=100)
        beyond = {"method": "distance_to_target", "clip": False}
        yield "distance to target and beyond", {"normalisation": beyond}, distances
        details = self.asem.details
        skewed = details.index[~details["check_SkewKurt0.Pass"]]
        least, most = imputed.min(), imputed.max()
        logs = np.log(imputed - least + 0.01 * (most - least))
        powers = ((imputed - least + 1) ** 0.3 - 1) / 0.3
        for name, changes, transformed in (
            ("log instead of winsorising", {"otherwise": "log"}, logs),
            ("Box-Cox instead of winsorising", {"otherwise": "boxcox", "power": 0.3}, powers),
        ):
            observations = imputed.assign(**{code: transformed[code] for code in skewed}) * meta["Direction"]
            yield name, {"treatment": {"winsorise": 0, **changes}}, min_max(observations)
        yield "frozen goalposts", self._frozen(treated), min_max(better)

    def _frozen(self, treated: pd.DataFrame) -> dict[str, Any]:
        """Goalposts at the minimum and maximum of COINr's treated values."""
        method = self.asem.method()
        for entry in _entries(method):
            ends = treated[entry["indicator"]].agg(["min", "max"]).tolist()
            worst, best = ends if entry["direction"] == "higher" else reversed(ends)
            entry |= {"worst": worst, "best": best}
        return {**method, "normalisation": "goalposts"}

    def _aggregated(self, normalised: pd.DataFrame, means: Means) -> pd.Series:
        """The scores of all pillars from the bottom up; the default mean is arithmetic."""
        scores, meta = normalised.copy(), self.asem.meta
        for code in meta[meta["Type"] == "Aggregate"].sort_values("Level").index:
            mean = means.get(code, lambda parts: parts.mean(axis=1))
            scores[code] = mean(scores[meta.index[meta["Parent"] == code]])
        return long(scores.drop(columns=normalised.columns))


def _set_aggregations(node: dict[str, Any], means: Means) -> None:
    for pillar in node["pillars"]:
        if pillar["id"] in means:
            pillar["aggregation"] = means[pillar["id"]].__name__
        _set_aggregations(pillar, means)


def _entries(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The indicators below a node of a method."""
    yield from node["indicators"]
    for pillar in node["pillars"]:
        yield from _entries(pillar)
