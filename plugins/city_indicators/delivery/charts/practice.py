"""The evidence on a best practice: a city and its peers before and after the start, and the placebo test."""

from typing import Any, Final

import altair as alt
import pandas as pd

from city_indicators.delivery.charts.style import (
    GREY,
    INK,
    INTEGERS,
    SERIES,
    SHAPES,
    Caption,
    captioned,
    wrapped,
)

KINDS: Final = ("city", "mean", "peer")
"""The city of the case, the mean of its peers, and each peer."""


def before_and_after(
    lines: pd.DataFrame, start: int, texts: dict[str, str], caption: Caption, width: int
) -> dict[str, Any]:
    """Two panels by year: the values, and their change since the mean before the start.

    `lines` has city, kind (of KINDS), year (a number), value, change, link (of the city's values, else null).
    `start` is the year that the case began in. `texts` names city, mean, peer, start, year, value and change,
    the latter two with their unit, and has the expression of the labels of values, label.
    """
    beside = width >= 900
    inner = (width - 190) // 2 if beside else width - 90
    panels = [_lines(lines, column, start, texts, inner) for column in ("value", "change")]
    chart = alt.hconcat(*panels, spacing=30) if beside else alt.vconcat(*panels, spacing=20)
    return captioned(chart, caption, width)


def _lines(rows: pd.DataFrame, column: str, start: int, texts: dict[str, str], width: int) -> Any:
    y = alt.Y(
        f"{column}:Q",
        title=wrapped(texts[column], 40),
        scale=alt.Scale(zero=False),
        axis=alt.Axis(labelExpr=texts["label"] if column == "value" else _signed(texts), tickCount=6),
    )
    tips = [
        alt.Tooltip("city:N", title=" "),
        alt.Tooltip("year:Q", title=texts["year"], format="d"),
        alt.Tooltip("value:Q", title=texts["value"], format=",.4~r"),
        alt.Tooltip("change:Q", title=texts["change"], format="+,.4~r"),
    ]
    x = alt.X(
        "year:Q",
        title=None,
        axis=alt.Axis(format="d", labelExpr=INTEGERS, tickCount=max(2, width // 60), grid=False),
        scale=alt.Scale(nice=False),
    )
    base = alt.Chart(rows).encode(x=x, y=y, tooltip=tips)
    kinds = [texts[kind] for kind in KINDS]
    colour = alt.Color(
        "shown:N",
        title=None,
        scale=alt.Scale(domain=kinds, range=[SERIES[0], SERIES[1], GREY]),
        legend=alt.Legend(
            orient="bottom",
            columns=1 if width < 400 else 3,
            labelLimit=260,
            symbolType="stroke",
            symbolOpacity=1,
        ),
    )
    front = base.transform_filter("datum.kind != 'peer'").encode(color=colour)
    shape = alt.Shape("kind:N", scale=alt.Scale(domain=list(KINDS[:2]), range=list(SHAPES[:2])), legend=None)
    begun = alt.Chart(pd.DataFrame({"year": [start], "label": [f"{texts['start']} {start}"]})).encode(x=x)
    return alt.layer(
        base.transform_filter("datum.kind == 'peer'")
        .mark_line(opacity=0.35, strokeWidth=1)
        .encode(color=colour, detail="city:N"),
        front.mark_line(strokeWidth=2.5),
        front.mark_point(filled=True, size=45, opacity=1).encode(shape=shape, href="link:N"),
        begun.mark_rule(strokeDash=[5, 4], color=INK),
        begun.mark_text(align="left", dx=4, baseline="top", color=INK).encode(text="label:N", y=alt.value(0)),
    ).properties(width=width, height=300)


def placebos(
    differences: pd.DataFrame, texts: dict[str, str], caption: Caption, width: int
) -> dict[str, Any]:
    """The difference in differences of the city among those that each peer would have in its place.

    `differences` has city, kind (city or peer) and difference. `texts` names city, peer and difference, the
    latter with its unit, and has the expression of the labels of values, label.
    """
    kinds = [texts["city"], texts["peer"]]
    domain = alt.Scale(domain=kinds, range=[SERIES[0], GREY])
    zero = alt.Chart(pd.DataFrame({"difference": [0]})).mark_rule(color=INK, opacity=0.5)
    dots = (
        alt.Chart(differences)
        .mark_point(filled=True, opacity=0.85)
        .encode(
            color=alt.Color(
                "shown:N", scale=domain, title=None, legend=alt.Legend(orient="bottom", labelLimit=260)
            ),
            shape=alt.Shape("shown:N", scale=alt.Scale(domain=kinds, range=["diamond", "circle"])),
            size=alt.Size(
                "shown:N", sort=kinds, scale=alt.Scale(type="ordinal", domain=kinds, range=[220, 90])
            ),
            tooltip=[
                alt.Tooltip("city:N", title=" "),
                alt.Tooltip("difference:Q", title=texts["difference"], format="+,.4~r"),
            ],
        )
    )
    x = alt.X(
        "difference:Q",
        title=wrapped(texts["difference"], (width - 60) // 6),
        axis=alt.Axis(labelExpr=_signed(texts), tickCount=max(3, width // 110)),
    )
    chart = alt.layer(zero, dots).encode(x=x).properties(width=width - 60, height=70)
    return captioned(chart, caption, width)


def _signed(texts: dict[str, str]) -> str:
    """The expression of the labels of differences."""
    return f"(datum.value > 0 ? '+' : '') + ({texts['label']})"
