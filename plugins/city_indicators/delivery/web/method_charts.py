"""The charts of the page of a method."""

from collections import Counter
from typing import Any, Final

import pandas as pd
from sqlalchemy import Connection

from city_indicators.core.languages import Language, words
from city_indicators.delivery.charts import method as charts
from city_indicators.delivery.charts.style import Caption
from city_indicators.delivery.exports.texts import meaning
from city_indicators.delivery.numbers import Numbers
from city_indicators.delivery.web.charts import Chart, Drawing, Parameters
from city_indicators.delivery.web.method_tree import Part
from city_indicators.delivery.web.rated import Rated
from city_indicators.warehouse.database import rows

INDENT: Final = "· "
"""What stands before the name of a part for each level above it: charts cut spaces off."""


def tree_of(connection: Connection, language: Language, parameters: Parameters) -> Drawing | None:
    """The parts of the method by their share of the score."""
    shown = Rated.of(connection, language, parameters)
    return of_parts(shown) if shown else None


def of_parts(shown: Rated) -> Drawing:
    """The parts of the method by their share of the score."""
    _ = words(shown.language).gettext
    texts = {"share": _("Share of the score"), "part": _("Part")}
    found = pd.DataFrame(placed(shown.parts, shown.language))
    method = f"{shown.names[shown.method.id]}, {shown.method.version}"
    caption = Caption(method, _("Height: share of the score if no value is missing"), [])
    return Drawing(found, caption, lambda width: charts.tree(found, texts, caption, width))


def placed(parts: list[Part], language: Language) -> list[dict[str, Any]]:
    """The place of each part on the scale of shares: each part begins where the one before it ends."""
    show = Numbers.of(language)
    begins: dict[str, float] = {}
    top = ""
    made: list[dict[str, Any]] = []
    for part in parts:
        low = begins.setdefault(part.pillar, made[-1]["low"] if part.depth else 0.0)
        begins[part.pillar] = low + part.in_score
        top = top if part.depth else part.name
        made.append(
            {
                "part": part.name,
                "label": f"{part.name} {show.percent(part.in_score)}",
                "top": top,
                "depth": part.depth,
                "leaf": part.kind == "indicator",
                "low": low,
                "high": low + part.in_score,
                "share": part.in_score,
            }
        )
    return made


def importance(connection: Connection, language: Language, parameters: Parameters) -> Drawing | None:
    """Importance against weight of the parts."""
    shown = Rated.of(connection, language, parameters)
    return of_importance(shown, rows(connection, "web/method_coherence", **shown.key)) if shown else None


def of_importance(shown: Rated, statistics: list[dict[str, Any]]) -> Drawing | None:
    """Importance against weight of the parts, by rows of web/method_coherence."""
    found = balance(shown, statistics)
    if not found:
        return None
    _ = words(shown.language).gettext
    texts = {
        "pillar": _("Pillar"),
        "weight": _("Share of the weight"),
        "importance": _("Share of the importance"),
        "outside": _("Importance outside of the bounds"),
    }
    subtitle = _(
        "Share of each part in the weight and in the importance of its pillar; importance: squared "
        "correlation with the score"
    )
    caption = shown.caption(subtitle)
    parts = pd.DataFrame(found)
    return Drawing(parts, caption, lambda width: charts.importance(parts, texts, caption, width))


def balance(shown: Rated, found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The shares of weight and importance in its pillar of each part that has both, in order."""
    of = {(row["part"], row["statistic"]): row for row in found}
    rated = [
        part
        for part in shown.parts
        if (part.id, "weight") in of
        and of.get((part.id, "importance_to_weight"), {}).get("value") is not None
    ]
    total: dict[str, float] = {}
    for part in rated:
        total[part.pillar] = total.get(part.pillar, 0) + of[part.id, "weight"]["value"]
    made = []
    for part in rated:
        ratio = of[part.id, "importance_to_weight"]
        weight = of[part.id, "weight"]["value"] / total[part.pillar]
        # A part that is alone in its pillar has all of both.
        if weight < 1:
            link = shown.link(
                "rating_coherence",
                pillar=part.pillar,
                part=part.id,
                other="",
                statistic="importance_to_weight",
            )
            made.append(
                {
                    "part": INDENT * part.depth + part.name,
                    "pillar": shown.names[part.pillar],
                    "weight": weight,
                    "importance": weight * ratio["value"],
                    "ratio": ratio["value"],
                    "within_bounds": ratio["within_bounds"],
                    "outside": ratio["within_bounds"] is False,
                    "link": link,
                }
            )
    return made


def correlations(connection: Connection, language: Language, parameters: Parameters) -> Drawing | None:
    """The correlations of the parts of each pillar."""
    shown = Rated.of(connection, language, parameters)
    return of_correlations(shown, rows(connection, "web/method_coherence", **shown.key)) if shown else None


def of_correlations(shown: Rated, statistics: list[dict[str, Any]]) -> Drawing | None:
    """The correlations of the parts of each pillar, by rows of web/method_coherence."""
    found = pairs(shown, statistics)
    if not found:
        return None
    _ = words(shown.language).gettext
    texts = {"value": _("Correlation")}
    subtitle = _(
        "Correlation of the parts of each pillar; blue: positive, orange: negative; a frame: outside of the "
        "bounds"
    )
    caption = shown.caption(subtitle)
    drawn = pd.DataFrame(found)
    return Drawing(drawn, caption, lambda width: charts.correlations(drawn, texts, caption, width))


def pairs(shown: Rated, found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The correlations with a value; the parts of a pillar are numbered in the order of the tree."""
    show = Numbers.of(shown.language)
    number: dict[str, int] = {}
    counted: Counter[str] = Counter()
    for part in shown.parts:
        counted[part.pillar] += 1
        number[part.id] = counted[part.pillar]
    place = {pillar: at for at, pillar in enumerate(shown.names)}
    made = []
    for row in found:
        if row["statistic"] != "correlation" or row["value"] is None:
            continue
        first, last = sorted((row["part"], row["other"]), key=number.__getitem__)
        made.append(
            {
                "pillar": shown.names[row["pillar"]],
                "row": f"{number[last]} {shown.names[last]}",
                "column": number[first],
                "with": f"{number[first]} {shown.names[first]}",
                "value": row["value"],
                "shown": show.decimals(row["value"], 2),
                "cities": row["n_units"],
                "within_bounds": row["within_bounds"],
                "outside": row["within_bounds"] is False,
                "at": (place[row["pillar"]], number[last], number[first]),
                "link": shown.link(
                    "rating_coherence",
                    pillar=row["pillar"],
                    part=row["part"],
                    other=row["other"],
                    statistic="correlation",
                ),
            }
        )
    ordered = sorted(made, key=lambda row: row["at"])
    return [{name: value for name, value in row.items() if name != "at"} for row in ordered]


def factors(connection: Connection, language: Language, parameters: Parameters) -> Drawing | None:
    """The Sobol indices of the factors."""
    shown = Rated.of(connection, language, parameters)
    return of_factors(shown, rows(connection, "web/method_sensitivity", **shown.key)) if shown else None


def of_factors(shown: Rated, sensitivity: list[dict[str, Any]]) -> Drawing:
    """The Sobol indices of the factors, by rows of web/method_sensitivity."""
    language = shown.language
    found = [
        {
            "factor": meaning("factor", row["factor"], language) or row["factor"],
            "order": order,
            "value": row[index],
            "low": row[index] - row[f"{index}_conf"],
            "high": row[index] + row[f"{index}_conf"],
            "link": shown.link("rating_sensitivity", kind="factor", factor=row["factor"]),
        }
        for row in sensitivity
        if row["kind"] == "factor"
        for order, index in (("first", "s1"), ("total", "st"))
    ]
    _ = words(language).gettext
    texts = {
        "first": _("Alone (first order)"),
        "total": _("With all interactions (total order)"),
        "value": _("Sobol index"),
    }
    subtitle = _("Share of the variance of the mean shift of ranks by factor, with intervals of 95 %")
    caption, drawn = shown.caption(subtitle), pd.DataFrame(found)
    return Drawing(drawn, caption, lambda width: charts.factors(drawn, texts, caption, width))


def left_out(connection: Connection, language: Language, parameters: Parameters) -> Drawing | None:
    """How far ranks move without each part."""
    shown = Rated.of(connection, language, parameters)
    return of_left_out(shown, rows(connection, "web/method_sensitivity", **shown.key)) if shown else None


def of_left_out(shown: Rated, sensitivity: list[dict[str, Any]]) -> Drawing:
    """How far ranks move without each part, by rows of web/method_sensitivity."""
    _ = words(shown.language).gettext
    kinds = {part.id: _("Pillar") if part.kind == "pillar" else _("Indicator") for part in shown.parts}
    found = [
        {
            "part": shown.names[row["factor"]],
            "kind": kinds[row["factor"]],
            "places": row["mean_abs_rank_shift"],
            "link": shown.link("rating_sensitivity", kind="left_out", factor=row["factor"]),
        }
        for row in sensitivity
        if row["kind"] == "left_out" and row["factor"] in kinds
    ]
    texts = {"places": _("Mean shift of ranks, in places")}
    caption = shown.caption(_("How far the ranks of all cities move on average if one part is left out"))
    drawn = pd.DataFrame(found)
    return Drawing(drawn, caption, lambda width: charts.left_out(drawn, texts, caption, width))


CHARTS: Final[dict[str, Chart]] = {
    "method-tree": tree_of,
    "method-importance": importance,
    "method-correlations": correlations,
    "method-factors": factors,
    "method-left-out": left_out,
}
