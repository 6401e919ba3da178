"""Published indices: the municipal SDG index of Bolivia, and the Human Development Index."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from tests.acceptance.runs import Comparison, Tables, rated, read

BOLIVIA: Final = "Municipal SDG index of Bolivia 2020"
# Published to one decimal, stored as a four-byte float.
ONE_DECIMAL: Final = ("1 decimal", 0.05 + 1e-5)

HUMAN_DEVELOPMENT: Final = "UNDP human development 2022"
THREE_DECIMALS: Final = ("3 decimals", 0.0)
# The inputs are rounded too, so the last decimal may differ by more than a half.
NINE_DECIMALS: Final = ("9 decimals", 1e-9)
# Index, suffix of its columns, and goalposts of life expectancy (UNDP, technical note 3).
SEXES: Final = {"hdi": ("", 20, 85), "hdi_f": ("_f", 22.5, 87.5), "hdi_m": ("_m", 17.5, 82.5)}


@dataclass(frozen=True)
class Bolivia:
    """The files of `source`; the goals are scores already and are averaged."""

    source: Path
    work: Path

    def method(self) -> dict[str, Any]:
        """Fifteen goals with the published, equal weights."""
        weights = read(self.source / "weights.csv")
        return {
            "id": "imds",
            "weighting": "relative",
            "normalisation": "none",
            "indicators": [{"indicator": row.code, "weight": row.weight} for row in weights.itertuples()],
        }

    @cached_property
    def tables(self) -> Tables:
        """The rating of all municipalities."""
        table = read(self.source / "inputs.csv").rename(columns={"asdf_id": "unit"})
        goals = [entry["indicator"] for entry in self.method()["indicators"]]
        values = table.melt("unit", goals, "indicator", "value")
        return rated(self.work / "bolivia", self.method(), values, None)

    def comparisons(self) -> Iterator[Comparison]:
        """The index as published."""
        published = read(self.source / "expected.csv").set_index("asdf_id")["imds"].rename_axis("unit")
        ours = self.tables["scores"].set_index("unit")["score"]
        yield Comparison(BOLIVIA, "as published", "scores", published, ours, *ONE_DECIMAL)


@dataclass(frozen=True)
class HumanDevelopment:
    """The files of `source`, without the aggregates of countries."""

    source: Path
    work: Path

    def method(self, of: str) -> dict[str, Any]:
        """The geometric mean of health, education and income, with UNDP's goalposts."""
        suffix, low, high = SEXES[of]
        income = f"gni_pc{suffix}" if suffix else "gnipc"
        life = {"indicator": f"le{suffix}", "worst": low, "best": high}
        schooling = [
            {"indicator": f"{years}{suffix}", "worst": 0, "best": best}
            for years, best in (("eys", 18), ("mys", 15))
        ]
        return {
            "id": of,
            "weighting": "equal",
            "scale": [0, 1],
            "rank_precision": 3,
            "aggregation": "geometric",
            "coverage": {"overall": 1},
            "pillars": [
                {"id": "health", "indicators": [life]},
                {"id": "education", "aggregation": "arithmetic", "indicators": schooling},
                {
                    "id": "income",
                    "indicators": [{"indicator": income, "worst": 100, "best": 75000, "log": True}],
                },
            ],
        }

    def rate(self, of: str) -> Tables:
        """The rating of all countries for which UNDP has the index."""
        table = read(self.source / "inputs_2022.csv").merge(
            read(self.source / "expected_2022.csv")[["iso3", of]].dropna()
        )
        method = self.method(of)
        names = [entry["indicator"] for pillar in method["pillars"] for entry in pillar["indicators"]]
        values = table[table["is_aggregate"] == 0].melt("iso3", names, "indicator", "value")
        return rated(self.work / of, method, values.rename(columns={"iso3": "unit"}), None)

    def comparisons(self) -> Iterator[Comparison]:
        """The index and its ranks, and those of women and of men."""
        expected = read(self.source / "expected_2022.csv")
        expected = expected[expected["is_aggregate"] == 0].set_index("iso3").rename_axis("unit")
        scores = self.rate("hdi")["scores"].set_index("unit")
        yield Comparison(
            HUMAN_DEVELOPMENT,
            "HDI",
            "scores, rounded",
            expected["hdi"].dropna(),
            scores["score"].round(3),
            *THREE_DECIMALS,
        )
        ranks = read(self.source / "expected_ranks_2022.csv").set_index("iso3")["hdi_rank_2022"]
        yield Comparison(
            HUMAN_DEVELOPMENT, "HDI", "ranks", ranks.dropna().rename_axis("unit"), scores["rank"], "rank", 0.0
        )
        for of in ("hdi_f", "hdi_m"):
            ours = self.rate(of)["scores"].set_index("unit")["score"]
            published = expected[of].dropna()
            yield Comparison(HUMAN_DEVELOPMENT, of, "scores", published, ours, *NINE_DECIMALS)
