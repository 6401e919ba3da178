"""Cities beside each other: the position of each among all cities, indicator by indicator."""

from typing import Any, Final

import altair as alt
import pandas as pd

from city_indicators.delivery.charts.style import GREY, SERIES, SHAPES, Caption, captioned, wrapped

ROW: Final = 34
"""Pixels for each indicator: its name, and below it the points of the cities."""


def positions(
    points: pd.DataFrame, cities: list[str], texts: dict[str, str], caption: Caption, width: int
) -> dict[str, Any]:
    """Positions from 0, the last, to 1, the best: a row for each indicator, a point for each city.

    `points` has indicator, city, position, shown (the value in words), place (the rank in words), comparable
    (whether the values of all the cities are), why (not), link, in the order of the rows. `texts` names
    position, value, rank, why, comparable and not_comparable. Lines join comparable values only.
    """
    inner = width - 40
    drawn = points.assign(first=~points.duplicated("indicator"))
    base = alt.Chart().encode(
        y=alt.Y(
            "indicator:N",
            sort=list(dict.fromkeys(points["indicator"])),
            title=None,
            axis=alt.Axis(labels=False, ticks=False, grid=True),
        ),
        x=alt.X(
            "position:Q",
            title=texts["position"],
            scale=alt.Scale(domain=[0, 1], nice=False),
            axis=alt.Axis(values=[0, 0.25, 0.5, 0.75, 1], format=".2~f"),
        ),
    )
    # Names stand above their rows: beside them they would leave no room on a phone.
    names = base.mark_text(align="left", dy=-12, limit=inner, fontSize=12)
    names = names.encode(x=alt.value(2), text="indicator:N").transform_filter("datum.first")
    rules = base.mark_rule(color=GREY, strokeWidth=3, opacity=0.5)
    joined = rules.encode(x="min(position):Q", x2="max(position):Q")
    marks = _marks(base, cities, texts, width)
    parts = []
    for comparable, name in ((True, "comparable"), (False, "not_comparable")):
        listed = drawn[drawn["comparable"] == comparable]
        if not listed.empty:
            title = alt.TitleParams(wrapped(texts[name], width // 8), fontSize=12, fontWeight="bold")
            part = alt.layer(
                *([names, joined, marks] if comparable else [names, marks]), data=listed, title=title
            )
            parts.append(part.properties(width=inner, height=alt.Step(ROW)))
    return captioned(alt.vconcat(*parts), caption, width)


def _marks(base: Any, cities: list[str], texts: dict[str, str], width: int) -> Any:
    """A point for each city, in its colour and shape."""
    city: dict[str, Any] = {
        "sort": cities,
        "title": None,
        "legend": alt.Legend(orient="bottom", columns=max(1, width // 160)),
    }
    return base.mark_point(filled=True, size=80, opacity=0.9).encode(
        color=alt.Color("city:N", scale=alt.Scale(domain=cities, range=list(SERIES[: len(cities)])), **city),
        shape=alt.Shape("city:N", scale=alt.Scale(domain=cities, range=list(SHAPES[: len(cities)])), **city),
        href="link:N",
        tooltip=[
            alt.Tooltip("city:N", title=" "),
            alt.Tooltip("indicator:N", title=" "),
            alt.Tooltip("shown:N", title=texts["value"]),
            alt.Tooltip("place:N", title=texts["rank"]),
            alt.Tooltip("why:N", title=texts["why"]),
        ],
    )
