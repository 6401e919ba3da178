"""The method of a rating: its tree, and what its ranks depend on."""

from typing import Any, Final

import altair as alt
import pandas as pd

from city_indicators.delivery.charts.ranking import ROW
from city_indicators.delivery.charts.style import (
    BETTER,
    GREY,
    INK,
    SERIES,
    WORSE,
    Caption,
    beside_names,
    captioned,
)

TREE_HEIGHT: Final = 640
LEAST_LABEL: Final = 12
"""Pixels that a part of the tree needs for its name."""
LETTER: Final = 4
"""Pixels between the edge of a part and its name."""


def tree(parts: pd.DataFrame, texts: dict[str, str], caption: Caption, width: int) -> dict[str, Any]:
    """The tree as an icicle: from left to right pillars and their parts, each as high as its share.

    `parts` has part, top (the name of its part at the top), depth (from 0), leaf, low and high (its place on
    the scale of shares, 0 to 1), share. `texts` names share and part.
    """
    levels = int(parts["depth"].max()) + 1
    column = (width - 20) / levels
    # An indicator reaches to the edge, so that its name has room.
    shown = parts.assign(
        end=[
            levels if leaf else depth + 1 for leaf, depth in zip(parts["leaf"], parts["depth"], strict=True)
        ],
        middle=(parts["low"] + parts["high"]) / 2,
    )
    tops = list(dict.fromkeys(parts["top"]))
    y = alt.Y("low:Q", scale=alt.Scale(domain=[0, 1], reverse=True, nice=False), axis=None)
    x = alt.X("depth:Q", scale=alt.Scale(domain=[0, levels], nice=False), axis=None)
    tips = [
        alt.Tooltip("part:N", title=texts["part"]),
        alt.Tooltip("share:Q", title=texts["share"], format=".1%"),
    ]
    colours = [SERIES[number % len(SERIES)] for number in range(len(tops))]
    boxes = (
        alt.Chart(shown)
        .mark_rect(stroke=INK, strokeWidth=0.6, fillOpacity=0.28)
        .encode(
            x=x,
            x2="end:Q",
            y=y,
            y2="high:Q",
            color=alt.Color("top:N", sort=tops, scale=alt.Scale(domain=tops, range=colours), legend=None),
            tooltip=tips,
        )
    )
    labelled = shown[(shown["high"] - shown["low"]) * TREE_HEIGHT >= LEAST_LABEL]
    names = [
        alt.Chart(of_length)
        .mark_text(align="left", dx=LETTER, fontSize=11, limit=column * length - 2 * LETTER)
        .encode(x=x, y=alt.Y("middle:Q"), text="label:N", tooltip=tips)
        for length, of_length in labelled.groupby(labelled["end"] - labelled["depth"])
    ]
    return captioned(
        alt.layer(boxes, *names).properties(width=width - 20, height=TREE_HEIGHT), caption, width
    )


def importance(parts: pd.DataFrame, texts: dict[str, str], caption: Caption, width: int) -> dict[str, Any]:
    """Share of the weight and share of the importance of each part in its pillar, joined by a line.

    `parts` has part (indented names, in order), pillar, weight and importance (shares, 0 to 1), outside
    (whether the ratio is out of bounds), link. `texts` names pillar, weight, importance, inside, outside.
    """
    order = alt.Y("part:N", sort=list(parts["part"]), title=None, axis=alt.Axis(labelLimit=_room(width) - 10))
    tips = [
        alt.Tooltip("part:N", title=" "),
        alt.Tooltip("pillar:N", title=texts["pillar"]),
        alt.Tooltip("weight:Q", title=texts["weight"], format=".0%"),
        alt.Tooltip("importance:Q", title=texts["importance"], format=".0%"),
    ]
    kinds = [texts["weight"], texts["importance"], texts["outside"]]
    points = pd.concat(
        [
            parts.assign(share=parts["weight"], kind=kinds[0]),
            parts.assign(
                share=parts["importance"], kind=[kinds[2] if out else kinds[1] for out in parts["outside"]]
            ),
        ]
    )
    legend = alt.Legend(orient="bottom", title=None, labelLimit=300, columns=max(1, width // 300))
    axis = alt.Axis(format=".0%")
    line = (
        alt.Chart(parts)
        .mark_rule(opacity=0.5, strokeWidth=1.5)
        .encode(y=order, x=alt.X("weight:Q", title=None, axis=axis), x2="importance:Q", tooltip=tips)
    )
    marks = (
        alt.Chart(points)
        .mark_point(filled=True, size=70, opacity=1)
        .encode(
            y=order,
            x=alt.X("share:Q", title=None, axis=axis),
            color=alt.Color(
                "kind:N", scale=alt.Scale(domain=kinds, range=[GREY, BETTER, WORSE]), legend=legend
            ),
            shape=alt.Shape(
                "kind:N", scale=alt.Scale(domain=kinds, range=["square", "circle", "diamond"]), legend=legend
            ),
            tooltip=tips,
            href="link:N",
        )
    )
    chart = (line + marks).properties(width=width - _room(width) - 30, height=ROW * len(parts))
    return captioned(chart, caption, width)


def correlations(pairs: pd.DataFrame, texts: dict[str, str], caption: Caption, width: int) -> dict[str, Any]:
    """The correlations of the parts of each pillar, a triangle a pillar; rows and columns are numbered.

    `pairs` has pillar, row (the number and name of a part), column and with (the number, and the number and
    name of another), value, shown (its text), outside (whether it is out of bounds), link.
    `texts` names value.
    """
    cell = 44 if width > 400 else 34
    triangles = [
        _triangle(of_pillar, str(pillar), cell, texts, width)
        for pillar, of_pillar in pairs.groupby("pillar", sort=False)
    ]
    beside = max(1, width // 400)
    lines = [alt.hconcat(*triangles[at : at + beside], spacing=24) for at in range(0, len(triangles), beside)]
    return captioned(alt.vconcat(*lines, spacing=18), caption, width)


def _triangle(pairs: pd.DataFrame, title: str, cell: int, texts: dict[str, str], width: int) -> Any:
    # The first part has no row of its own, but its number needs a name.
    names = list(dict.fromkeys([*pairs.sort_values("column")["with"].head(1), *pairs["row"]]))
    base = alt.Chart(pairs).encode(
        x=alt.X("column:O", title=None, axis=alt.Axis(orient="bottom", labelAngle=0)),
        y=alt.Y(
            "row:O",
            title=None,
            scale=alt.Scale(domain=names),
            axis=alt.Axis(labelLimit=180 if width > 400 else 130),
        ),
        tooltip=[
            alt.Tooltip("row:N", title=" "),
            alt.Tooltip("with:N", title=" "),
            alt.Tooltip("value:Q", title=texts["value"], format=".2f"),
        ],
        href="link:N",
    )
    boxes = base.mark_rect(strokeWidth=2).encode(
        color=alt.condition("datum.value < 0", alt.value(WORSE), alt.value(BETTER)),
        fillOpacity=alt.FillOpacity(
            "strength:Q", scale=alt.Scale(domain=[0, 1], range=[0.05, 0.8]), legend=None
        ),
        stroke=alt.condition("datum.outside", alt.value(INK), alt.value(None)),
    )
    numbers = base.mark_text(fontSize=11).encode(text="shown:N")
    size = {"width": cell * pairs["column"].nunique(), "height": 24 * len(names)}
    return alt.layer(boxes.transform_calculate(strength="abs(datum.value)"), numbers).properties(
        title=alt.TitleParams(title, fontSize=12, fontWeight="normal"), **size
    )


def factors(rows: pd.DataFrame, texts: dict[str, str], caption: Caption, width: int) -> dict[str, Any]:
    """Sobol indices of the factors, of first and of total order, with their 95 % intervals.

    `rows` has factor, order (first or total), value, low, high, link. `texts` names first, total, value.
    """
    names = [texts["first"], texts["total"]]
    shown = rows.assign(kind=[texts[order] for order in rows["order"]])
    legend = alt.Legend(orient="bottom", title=None, labelLimit=300, columns=max(1, width // 300))
    base = alt.Chart(shown).encode(
        y=alt.Y(
            "factor:N",
            sort=list(dict.fromkeys(rows["factor"])),
            title=None,
            axis=alt.Axis(labelLimit=width - beside_names(width)),
        ),
        yOffset=alt.YOffset("kind:N", sort=names),
        color=alt.Color("kind:N", scale=alt.Scale(domain=names, range=list(SERIES[:2])), legend=legend),
        tooltip=[
            alt.Tooltip("factor:N", title=" "),
            alt.Tooltip("kind:N", title=" "),
            alt.Tooltip("value:Q", title=texts["value"], format=".2f"),
        ],
    )
    chart = base.mark_rule(strokeWidth=2, opacity=0.5).encode(
        x=alt.X("low:Q", title=texts["value"]), x2="high:Q"
    ) + base.mark_point(filled=True, size=70, opacity=1).encode(
        x=alt.X("value:Q", title=texts["value"]),
        shape=alt.Shape("kind:N", scale=alt.Scale(domain=names, range=["circle", "square"]), legend=legend),
        href="link:N",
    )
    height = 34 * rows["factor"].nunique()
    return captioned(chart.properties(width=beside_names(width), height=height), caption, width)


def left_out(rows: pd.DataFrame, texts: dict[str, str], caption: Caption, width: int) -> dict[str, Any]:
    """How many places cities move on average without a part.

    `rows` has part, kind (its text), places, link. `texts` names places.
    """
    kinds = list(dict.fromkeys(rows["kind"]))
    chart = (
        alt.Chart(rows)
        .mark_bar(stroke=INK, strokeWidth=0.4)
        .encode(
            y=alt.Y(
                "part:N", sort=list(rows["part"]), title=None, axis=alt.Axis(labelLimit=_room(width) - 10)
            ),
            x=alt.X("places:Q", title=texts["places"]),
            color=alt.Color(
                "kind:N",
                sort=kinds,
                scale=alt.Scale(domain=kinds, range=list(SERIES[: len(kinds)])),
                legend=alt.Legend(orient="bottom", title=None),
            ),
            tooltip=[
                alt.Tooltip("part:N", title=" "),
                alt.Tooltip("places:Q", title=texts["places"], format=".2f"),
            ],
            href="link:N",
        )
        .properties(width=width - _room(width) - 30, height=ROW * len(rows))
    )
    return captioned(chart, caption, width)


def _room(width: int) -> int:
    """The pixels that long names beside a chart take."""
    return 300 if width > 700 else 220 if width > 400 else 130
