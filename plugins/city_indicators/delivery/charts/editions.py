"""The chart of an edition: its scores as published beside those of today."""

from typing import Any, Final

import altair as alt
import pandas as pd

from city_indicators.delivery.charts.style import GREY, INK, SERIES, Caption, beside_names, captioned

ROW: Final = 18
"""Pixels for each city."""


def then_and_now(cities: pd.DataFrame, texts: dict[str, str], caption: Caption, width: int) -> dict[str, Any]:
    """A line for each city, from its score as published (a hollow square) to that of today (a filled circle).

    `cities` has city (in the order of the list), published, today (points, or null), change, rank_published,
    rank_today, link. `texts` names score, published, today, change, rank_published, rank_today.
    """
    y = alt.Y("city:N", sort=list(cities["city"]), title=None)
    tips = [
        alt.Tooltip("city:N", title=" "),
        *(alt.Tooltip(f"{name}:Q", title=texts[name], format=".2f") for name in ("published", "today")),
        alt.Tooltip("change:Q", title=texts["change"], format="+.2f"),
        *(alt.Tooltip(f"{name}:Q", title=texts[name]) for name in ("rank_published", "rank_today")),
    ]
    base = alt.Chart(cities).encode(y=y, tooltip=tips, href="link:N")
    scale = alt.Scale(zero=False)
    line = base.mark_rule(color=INK, opacity=0.5, strokeWidth=2).encode(
        x=alt.X(
            "published:Q", title=texts["score"], scale=scale, axis=alt.Axis(tickCount=max(3, width // 100))
        ),
        x2="today:Q",
    )
    kinds = [texts["published"], texts["today"]]
    legend = alt.Legend(orient="bottom", title=None)
    colours = alt.Scale(domain=kinds, range=[GREY, SERIES[0]])
    shapes = alt.Scale(domain=kinds, range=["square", "circle"])
    points = [
        base.mark_point(filled=filled, size=60, opacity=1, strokeWidth=2).encode(
            x=alt.X(f"{name}:Q", scale=scale),
            color=alt.datum(texts[name], type="nominal", scale=colours, legend=legend),
            shape=alt.datum(texts[name], type="nominal", scale=shapes, legend=legend),
        )
        for name, filled in (("published", False), ("today", True))
    ]
    chart = alt.layer(line, *points).properties(width=beside_names(width), height=ROW * max(len(cities), 1))
    return captioned(chart, caption, width)
