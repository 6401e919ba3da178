"""The ASEM index of sustainable connectivity, compared with COINr 1.1.14 on the same inputs."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import pandas as pd

from tests.acceptance.runs import Comparison, Tables, by_indicator, long, pillar_scores, rated, read

INDEX: Final = "Index"
NAME: Final = "ASEM sustainable connectivity"

SIGNIFICANT: Final = 0.05

# COINr wrote 17 significant digits; results may differ by the order of additions.
DIGITS: Final = ("17 digits", 1e-9)
RANKS: Final = ("rank", 0.0)
# Quantiles of its hundred random draws and our thousand.
RANDOM: Final = ("100 random draws", 2.5)

BASE: Final[dict[str, Any]] = {
    "missing": {"policy": "mean", "group": "EurAsia_group"},
    "treatment": {"winsorise": 5, "otherwise": "log"},
    "normalisation": "min_max",
}
SCALE_FROM_ONE: Final = {"scale": [1, 100]}


def z_score(mean: float, sd: float) -> dict[str, Any]:
    """A z-score that is not bounded to a scale."""
    return {"method": "z_score", "mean": mean, "sd": sd}


# The changes of each variant, by the names of COINr's files.
VARIANTS: Final[dict[str, dict[str, Any]]] = {
    "minmax01_arith": {"scale": [0, 1]},
    "minmax1_100_harm": {**SCALE_FROM_ONE, "aggregation": "harmonic"},
    "minmax_untreated": {"treatment": None},
    "zscore_arith": {"normalisation": z_score(0, 1)},
    "zscore10_2_arith": {"normalisation": z_score(10, 2)},
    "rank_arith": {"normalisation": "rank"},
    "borda_arith": {"normalisation": "borda"},
    "dist2max_arith": {"normalisation": "distance_to_max", "scale": [0, 1]},
    "noimpute_thresh0.9": {"missing": None, "coverage": {"aggregate": 0.9}},
}
PANEL: Final = {
    "missing": None,
    "normalisation": {"method": "min_max", "sample": "pooled"},
    "coverage": {"overall": 0.9, "below": "left_out"},
}
# The factors of COINr's own example; COINr varies the weights of pillars, not of indicators.
UNCERTAIN: Final = {
    **SCALE_FROM_ONE,
    "uncertainty": {
        "draws": 1000,
        "seed": 20230731,
        "sobol": 256,
        "factors": {
            "winsorise": [1, 2, 3, 4, 5],
            "normalisation": ["min_max", z_score(10, 2)],
            "weights": 0.25,
            "aggregation": ["arithmetic", "geometric"],
        },
    },
}


@dataclass(frozen=True)
class Asem:
    """COINr's files of `source`, and ratings of the same inputs in folders below `work`."""

    source: Path
    work: Path

    @cached_property
    def meta(self) -> pd.DataFrame:
        """COINr's table of indicators and aggregates, by code."""
        return read(self.source / "meta.csv").set_index("iCode", drop=False)

    def method(self, weights: pd.Series | None = None, denominators: bool = True) -> dict[str, Any]:
        """The base method; `weights` are by code."""
        weights = self.meta["Weight"] if weights is None else weights
        return {"id": INDEX, "weighting": "relative", **BASE, **self._below(INDEX, weights, denominators)}

    def _below(self, parent: str, weights: pd.Series, denominators: bool) -> dict[str, Any]:
        pillars, indicators = [], []
        for row in self.meta[self.meta["Parent"] == parent].to_dict("records"):
            weight = float(weights[row["iCode"]])
            if row["Type"] == "Aggregate":
                inner = self._below(row["iCode"], weights, denominators)
                pillars.append({"id": row["iCode"], "name": row["iName"], "weight": weight, **inner})
                continue
            entry = {
                "indicator": row["iCode"],
                "weight": weight,
                "direction": "higher" if row["Direction"] > 0 else "lower",
                "target": float(row["Target"]),
            }
            if denominators and pd.notna(row["Denominator"]):
                entry["denominator"] = row["Denominator"]
            indicators.append(entry)
        return {"pillars": pillars, "indicators": indicators}

    def observations(self, name: str) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Values and groups of an input file, in the format of the command."""
        table = read(self.source / f"{name}.csv").rename(columns={"uCode": "unit", "Time": "period"})
        columns = self.meta.index[self.meta["Type"].isin(["Indicator", "Denominator"])]
        keys = ["unit", "period"] if name == "inputs_panel" else ["unit"]
        return table.melt(keys, columns, "indicator", "value"), table[[*keys, "EurAsia_group"]]

    def rate(self, name: str, method: dict[str, Any], inputs: str = "inputs") -> Tables:
        """The tables of a method, without its fields that are None."""
        given = {key: value for key, value in method.items() if value is not None}
        return rated(self.work / name, given, *self.observations(inputs))

    def wide(self, name: str) -> pd.DataFrame:
        """A table of COINr: one row per unit, one column per indicator or aggregate."""
        table = read(self.source / f"{name}.csv").rename(columns={"uCode": "unit"}).set_index("unit")
        return table.drop(columns="Rank", errors="ignore")

    def expected(self, name: str) -> pd.Series:
        """The same by unit and part."""
        return long(self.wide(name))

    @cached_property
    def details(self) -> pd.DataFrame:
        """The treatment of outliers by COINr, by code."""
        return read(self.source / "step_Treated_details.csv").set_index("iCode")

    @cached_property
    def base(self) -> Tables:
        """The base chain."""
        return self.rate("base", self.method())

    @cached_property
    def variants(self) -> dict[str, Tables]:
        """Every single-year variant of COINr, except custom weights."""
        return {name: self.rate(name, {**self.method(), **changes}) for name, changes in VARIANTS.items()}

    @cached_property
    def uncertain(self) -> Tables:
        """With the uncertainty analysis of COINr's example."""
        return self.rate("uncertain", {**self.method(), **UNCERTAIN})

    def comparisons(self) -> Iterator[Comparison]:
        """Comparisons with all results of COINr."""
        yield from self._steps()
        for name, tables in self.variants.items():
            yield self._of(name, "scores", self.expected(f"variants/{name}"), pillar_scores(tables, INDEX))
            normalised = self.expected(f"variants/{name}__normalised")
            yield self._of(name, "normalised observations", normalised, by_indicator(tables, "normalised"))
        yield self._custom_weights()
        yield self._panel()
        yield from self._transformations()
        yield from self._coherence()
        yield self._left_out()
        yield from self._rank_intervals()

    def _of(self, variant: str, what: str, reference: pd.Series, ours: pd.Series) -> Comparison:
        return Comparison(NAME, variant, what, reference, ours, *DIGITS)

    def _steps(self) -> Iterator[Comparison]:
        bare = self.rate("bare", {**self.method(), "missing": None, "treatment": None})
        imputed = self.variants["minmax_untreated"]
        for step, tables, column in (
            ("Denominated", bare, "treated_value"),
            ("Imputed", imputed, "treated_value"),
            ("Treated", self.base, "treated_value"),
            ("Normalised", self.base, "normalised"),
        ):
            reference = self.expected(f"step_{step}")
            yield self._of("base", f"{step.lower()} observations", reference, by_indicator(tables, column))
        scores = pillar_scores(self.base, INDEX)
        reference = self.expected("step_Aggregated")
        reference = reference[reference.index.get_level_values("part").isin(scores.index.levels[1])]
        yield self._of("base", "scores", reference, scores)
        published = read(self.source / "expected.csv").set_index("uCode")["Rank"]
        ranks = self.base["scores"].set_index("unit")["rank"]
        yield Comparison(NAME, "base", "ranks", published, ranks, *RANKS)
        cells = self.base["indicators"].assign(treated=lambda x: x["treatment"] == "winsorised")
        points = cells.groupby("indicator")["treated"].sum()
        winsorised = self.details["winsorise.nwin"].fillna(0)
        yield Comparison(
            NAME, "base", "winsorised observations by indicator", winsorised, points, "count", 0.0
        )

    def _custom_weights(self) -> Comparison:
        weights = read(self.source / "variants/custom_weights__weights.csv").set_index("iCode")["Weight"]
        scores = pillar_scores(self.rate("custom_weights", self.method(weights)), INDEX)
        reference = self.expected("variants/custom_weights")
        ours = scores[scores.index.get_level_values("part").isin(reference.index.unique("part"))]
        return self._of("custom_weights", "scores", reference, ours)

    def _panel(self) -> Comparison:
        method = {**self.method(denominators=False), **PANEL}
        tables = self.rate("panel", method, "inputs_panel")
        scores = pillar_scores(tables, INDEX, "period", "unit").dropna()
        table = read(self.source / "panel_expected.csv").rename(columns={"Time": "period", "uCode": "unit"})
        reference = long(table.set_index(["period", "unit"]))
        ours = scores[scores.index.get_level_values("part").isin(table.columns)]
        return self._of("panel of 5 years", "scores", reference, ours)

    def _transformations(self) -> Iterator[Comparison]:
        published = read(self.source / "variants/transforms_Flights.csv").set_index("uCode")
        for how, column in (
            ({"otherwise": "log"}, "log_CT"),
            ({"otherwise": "boxcox", "power": 0.3}, "boxcox0.3"),
        ):
            flights = {"indicator": "Flights", "direction": "higher"}
            method = {
                "id": INDEX,
                "weighting": "equal",
                "treatment": {"winsorise": 0, **how},
                "normalisation": "min_max",
                "indicators": [flights],
            }
            tables = self.rate(column, method)
            ours = tables["indicators"].set_index("unit")["treated_value"]
            yield self._of("transformations", f"{column} of Flights", published[column], ours)

    def _coherence(self) -> Iterator[Comparison]:
        found = self.base["coherence"].set_index("statistic")
        alpha = read(self.source / "cronbach.csv").set_index("iCode")["alpha"]
        ours = found.loc["cronbach_alpha"].set_index("pillar")["value"]
        yield self._of("base", "Cronbach's alpha", alpha, ours[alpha.index])
        declared = read(self.source / "eff_weights.csv").set_index("iCode")["EffWeight"].drop(INDEX)
        yield self._of("base", "effective weights", declared, found.loc["weight"].set_index("part")["value"])
        pca = read(self.source / "variants/pca_weights_level2.csv").set_index("iCode")
        pca = pca[pca["Level"] == 2]["Weight"]
        ours = found.loc["pca_weight"].set_index("part")["value"]
        yield self._of("base", "weights by principal components", pca, ours[pca.index])
        yield from self._correlations()
        available = read(self.source / "data_avail.csv").set_index("uCode")["Dat_Avail"]
        yield self._of("base", "coverage", available, self.base["scores"].set_index("unit")["coverage"])

    def _correlations(self) -> Iterator[Comparison]:
        """The correlations that are significant at 5 %; COINr leaves the others empty."""
        found = self.base["coherence"].query("statistic == 'correlation'")
        found = found.assign(value=found["value"].where(found["p_value"] < SIGNIFICANT))
        found = found.set_index(["part", "other"])["value"]
        both = pd.concat([found, found.swaplevel().rename_axis(["part", "other"])])
        for name in ("environ", "pillars"):
            table = read(self.source / f"corr_{name}.csv").rename(columns={"Var1": "part", "Var2": "other"})
            pairs = table[table["part"] != table["other"]].set_index(["part", "other"])["Correlation"]
            ours = both[both.index.isin(pairs.index)]
            yield self._of("base", f"correlations: {name}", pairs, ours)

    def _left_out(self) -> Comparison:
        published = read(self.source / "variants/remove_elements_level2.csv").set_index("iCode")
        published = published["MeanAbsDiff"].drop("Nominal")
        shifts = self.base["sensitivity"].set_index("factor")["mean_abs_rank_shift"]
        return self._of("base", "mean shift of rank without a pillar", published, shifts[published.index])

    def _rank_intervals(self) -> Iterator[Comparison]:
        published = read(self.source / "variants/published_UA_rankstats.csv").set_index("uCode")
        ours = self.uncertain["uncertainty"].set_index("unit")
        nominal = self.uncertain["scores"].set_index("unit")["rank"]
        yield Comparison(NAME, "uncertainty", "nominal ranks", published["Nominal"], nominal, *RANKS)
        for theirs, column in (("Q5", "rank_p05"), ("Median", "rank_median"), ("Q95", "rank_p95")):
            reference, found = published[theirs], ours[column]
            yield Comparison(NAME, "uncertainty", column, reference, found, *RANDOM)
