"""What a method declares, as texts and formulas."""

from typing import Any, Final

from city_indicators.delivery.documents.model import Formula
from city_indicators.delivery.documents.shown import Shown
from city_indicators.delivery.exports.texts import meaning

MEANS: Final = {
    "arithmetic": "S = Σ w · p",
    "geometric": "S = Π p^w",
    "harmonic": "S = 1 ÷ Σ (w ÷ p)",
}
"""The score S of a pillar by the aggregation, from the points p and the weights w of its parts."""


def facts(shown: Shown) -> dict[str, Any]:
    """The options of a method as authors' texts name them."""
    method, show = shown.frozen.method, shown.numbers
    uncertainty = method.uncertainty
    varied = uncertainty.factors.declared if uncertainty else []
    return {
        "id": method.id,
        "name": method.name.in_language(shown.language),
        "version": method.version,
        "low": show.number(method.scale[0]),
        "high": show.number(method.scale[1]),
        "max_age": method.max_age_years,
        "coverage": show.percent(method.coverage.overall, 0),
        "pillar_coverage": show.percent(method.coverage.per_pillar, 0) if method.coverage.per_pillar else "",
        "city_level": show.percent(method.coverage.city_level, 0) if method.coverage.city_level else "",
        "aggregation": meaning("aggregation", method.aggregation, shown.language),
        "normalisation_is_goalposts": method.normalisation.method == "goalposts",
        "has_mean": method.aggregation in MEANS,
        "normalisation": meaning("normalisation", method.normalisation.method, shown.language),
        "draws": uncertainty.draws if uncertainty else 0,
        "seed": uncertainty.seed if uncertainty else "",
        "varied": show.enumeration(meaning("factor", factor, shown.language) or factor for factor in varied),
        "group": shown.labels("city_groups", method.group) if method.group else "",
        "formulas": [
            {"name": shown.rated.names[pillar.id], "formula": pillar.formula}
            for pillar in method.root.below()
            if pillar.formula
        ],
    }


def formula(shown: Shown, name: str) -> Formula:
    """The formula `points` (of a value) or `score` (of a pillar), with the numbers of the method.

    Raises:
        LookupError: there is no such formula, or the method does not compute it so.
    """
    method = shown.frozen.method
    if name == "points" and method.normalisation.method == "goalposts":
        low, high = (shown.numbers.number(bound) for bound in method.scale)
        return Formula(f"p = {low} + ({high} − {low}) · (x − worst) ÷ (best − worst)")
    if name == "score" and method.aggregation in MEANS:
        return Formula(MEANS[method.aggregation])
    raise LookupError(f"the method has no formula {name!r}")
