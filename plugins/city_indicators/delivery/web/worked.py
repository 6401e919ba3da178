"""The score of a city worked out: value, points, weight and contribution of each part."""

from dataclasses import dataclass
from math import fsum
from typing import Any

from city_indicators.analytics.ratings.method import Method, MethodIndicator
from city_indicators.delivery.numbers import Numbers
from city_indicators.delivery.web.method_tree import Part


@dataclass(frozen=True)
class Line:
    """A part of the score of a city: `counts` if its contribution is a summand, else it is a subtotal.

    `stored` is the row of the report: that of the indicator, or that of the pillar. `points` is how the
    normalised value is made from the value, empty if that is no plain sum.
    """

    part: Part
    stored: dict[str, Any]
    counts: bool
    points: str


def worked(
    method: Method,
    parts: list[Part],
    values: list[dict[str, Any]],
    pillars: list[dict[str, Any]],
    show: Numbers,
) -> list[Line]:
    """The lines of a city in the order of the tree."""
    rows = {row["indicator"]: row for row in values} | {row["pillar"]: row for row in pillars}
    split = {part.pillar for part in parts if part.id in rows and rows[part.id]["contribution"] is not None}
    return [
        Line(
            part,
            rows[part.id],
            counts=rows[part.id]["contribution"] is not None and part.id not in split,
            points=points(method, part.declared, rows[part.id], show)
            if isinstance(part.declared, MethodIndicator)
            else "",
        )
        for part in parts
        if part.id in rows
    ]


def total(lines: list[Line]) -> float:
    """The sum of the contributions that count."""
    return fsum(line.stored["contribution"] for line in lines if line.counts)


def points(method: Method, leaf: MethodIndicator, row: dict[str, Any], show: Numbers) -> str:
    """How a value becomes points between its goalposts, such as `10 + 90 × (38 − 0) ÷ (100 − 0)`."""
    how = leaf.normalisation or method.normalisation
    worst, best, value = row["goalpost_worst"], row["goalpost_best"], row["treated_value"]
    if (
        how.method not in ("goalposts", "min_max")
        or row["treatment"] != "none"
        or None in (worst, best, value)
    ):
        return ""
    low, high = method.scale
    share = (value - worst) / (best - worst)
    if how.clip and not 0 <= share <= 1:
        return show.number(high if share > 1 else low)
    numbers = [show.number(each) for each in (low, high - low, value, worst, best, worst)]
    return "{} + {} × ({} − {}) ÷ ({} − {})".format(*numbers)
