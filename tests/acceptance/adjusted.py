"""UNDP's indices of indices: of gender development and inequality, and adjusted for inequality and pressures.

Each is one method without code: formulas over aggregates (technical notes 2, 3, 4 and 6 of the report).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tests.acceptance.published import HUMAN_DEVELOPMENT, SEXES
from tests.acceptance.runs import Comparison, rated, read

ROUNDED: Final = ("3 decimals", 0.0005 + 1e-9)
# The greatest emissions and material footprint per head of any country from 1990 to 2022.
MOST_CO2: Final = 76.61294863
MOST_MATERIAL: Final = 140.8157


def raw(*indicators: str, **more: Any) -> list[dict[str, Any]]:
    """Indicators that are used as they are."""
    return [{"indicator": each, "normalisation": "none", **more} for each in indicators]


def pillar(name: str, formula: str, *indicators: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A pillar with a formula over its parts."""
    return {"id": name, "formula": formula, "indicators": list(indicators), **more}


def dimensions(of: str) -> dict[str, dict[str, Any]]:
    """Health, education and income of both sexes, of women (hdi_f) or of men (hdi_m), as pillars."""
    suffix, low, high = SEXES[of]
    years = [
        {"indicator": f"{each}{suffix}", "worst": 0, "best": best}
        for each, best in (("eys", 18), ("mys", 15))
    ]
    income = {"indicator": f"gni_pc{suffix}" if suffix else "gnipc", "worst": 100, "best": 75000, "log": True}
    life = {"indicator": f"le{suffix}", "worst": low, "best": high}
    return {
        name: {"id": f"{name}{suffix}", "aggregation": "arithmetic", "indicators": parts}
        for name, parts in (("health", [life]), ("education", years), ("income", [income]))
    }


def gender_development() -> dict[str, Any]:
    """The index of women over that of men: a ratio of two aggregates."""
    pillars = [
        {"id": of, "aggregation": "geometric", "pillars": list(dimensions(of).values())}
        for of in ("hdi_f", "hdi_m")
    ]
    return {"formula": "hdi_f / hdi_m", "pillars": pillars}


def inequality_adjusted() -> dict[str, Any]:
    """Each dimension is multiplied by the complement of its inequality."""
    losses = {"health": "ineq_le", "education": "ineq_edu", "income": "ineq_inc"}
    pillars = [
        pillar(f"{name}_left", f"{name} * (1 - {loss} / 100)", *raw(loss), pillars=[dimensions("hdi")[name]])
        for name, loss in losses.items()
    ]
    return {"aggregation": "geometric", "pillars": pillars}


def pressures_adjusted() -> dict[str, Any]:
    """The index with three decimals, as published, times the complement of the mean of two pressures."""
    pressures = [
        {"indicator": "co2_prod", "worst": MOST_CO2, "best": 0},
        {"indicator": "mf", "worst": MOST_MATERIAL, "best": 0},
    ]
    index = {"id": "hdi", "aggregation": "geometric", "pillars": list(dimensions("hdi").values())}
    return {"formula": "round(hdi, 3) * (co2_prod + mf) / 2", "pillars": [index], "indicators": pressures}


def gender_inequality() -> dict[str, Any]:
    """Constants, roots, a harmonic mean and a complement; the dimensions are used twice."""
    risks = [*raw("mmr", cap=[10, 1000]), *raw("abr")]
    health = pillar("health", "sqrt(10 / mmr * 1 / abr)", *risks)
    power_f = pillar("power_f", "sqrt(pr_f * se_f)", *raw("pr_f", cap=[0.1, 100]), *raw("se_f"))
    power_m = pillar("power_m", "sqrt(pr_m * se_m)", *raw("pr_m", "se_m"))
    women = "(health * power_f * lfpr_f) ** (1 / 3)"
    men = "(1 * power_m * lfpr_m) ** (1 / 3)"
    both = "((health + 1) / 2 * (power_f + power_m) / 2 * (lfpr_f + lfpr_m) / 2) ** (1 / 3)"
    return {
        "formula": f"1 - 2 / (1 / women + 1 / men) / {both}",
        "pillars": [
            pillar("women", women, *raw("lfpr_f"), pillars=[health, power_f]),
            pillar("men", men, *raw("lfpr_m"), pillars=[power_m]),
        ],
    }


METHODS: Final = {
    "gdi": gender_development,
    "ihdi": inequality_adjusted,
    "phdi": pressures_adjusted,
    "gii": gender_inequality,
}


@dataclass(frozen=True)
class Adjusted:
    """The files of `source`, without the aggregates of countries."""

    source: Path
    work: Path

    def comparisons(self) -> Iterator[Comparison]:
        """Each index of the countries for which UNDP has it."""
        inputs, expected = read(self.source / "inputs_2022.csv"), read(self.source / "expected_2022.csv")
        for name, method in METHODS.items():
            published = expected[(expected["is_aggregate"] == 0) & expected[name].notna()]
            units = inputs[inputs["iso3"].isin(published["iso3"])].rename(columns={"iso3": "unit"})
            values = units.drop(columns=["country", "year", "is_aggregate"])
            declared = {"id": name, "weighting": "equal", "scale": [0, 1], **method()}
            tables = rated(self.work / name, declared, values.melt("unit", None, "indicator", "value"), None)
            ours = tables["scores"].set_index("unit")["score"]
            reference = published.set_index("iso3")[name].rename_axis("unit")
            yield Comparison(HUMAN_DEVELOPMENT, name.upper(), "scores", reference, ours, *ROUNDED)
