"""The charts of one city: its ranks, its place among its peers, its indicators and temperatures over time."""

import json
from typing import Any, Final

import altair as alt
import pandas as pd

from city_indicators.delivery.charts.style import GREY, INTEGERS, SERIES, Caption, captioned, wrapped

GAP: Final = 76
"""Pixels of a small panel for its axis and the space to the next one."""
ROW: Final = 22
"""Pixels for each indicator of a list, at least."""
LINE: Final = 11
"""Pixels between the lines of its name."""
KINDS: Final = ("city", "peer", "other")
"""The cities of the dot plot, in the order of their colours and shapes."""


def ranks_by_rating(
    ranks: pd.DataFrame, texts: dict[str, str], caption: Caption, width: int
) -> dict[str, Any]:
    """Ranks by year, a small panel for each rating, with whiskers of the likely ranks.

    `ranks` has rating (name), year (a number), rank, rank_p05, rank_p95, n_ranked, likely (text), segment
    (years of a segment are comparable with each other), link. `texts` names rank, likely, year, ranked.
    """
    x = alt.X("year:Q", title=None, scale=alt.Scale(nice=False, padding=8), axis=_years(3))
    y = alt.Y("rank:Q", title=texts["rank"], scale=alt.Scale(reverse=True, domainMin=1, nice=False))
    tips = [
        alt.Tooltip("year:Q", title=texts["year"], format="d"),
        alt.Tooltip("rank:Q", title=texts["rank"]),
        alt.Tooltip("likely:N", title=texts["likely"]),
        alt.Tooltip("n_ranked:Q", title=texts["ranked"]),
    ]
    base = alt.Chart().encode(x=x, y=y, tooltip=tips)
    layers = alt.layer(
        base.mark_line(color=GREY, strokeDash=[2, 3], interpolate="step").encode(y="n_ranked:Q"),
        base.mark_rule(strokeWidth=3, opacity=0.3, color=SERIES[0]).encode(y="rank_p05:Q", y2="rank_p95:Q"),
        base.mark_line(color=SERIES[0], strokeWidth=2).encode(detail="segment:N"),
        base.mark_point(filled=True, size=45, opacity=1, color=SERIES[0]).encode(href="link:N"),
    )
    return captioned(_panels(layers, ranks, "rating", 130, width), caption, width)


def among_peers(places: pd.DataFrame, texts: dict[str, str], caption: Caption, width: int) -> dict[str, Any]:
    """A row of dots for each indicator: where all cities stand, the city and its peers in front.

    `places` has indicator, directed (whether more to the right is better; else it is only larger), city, kind
    (of KINDS), share (0 to 1, of the other cities that are less far to the right), value (text), year, link.
    `texts` names each kind, share, value, year, and the axes: better (of directed indicators) and larger, as
    far as there are such rows.
    """
    named = places.assign(
        shown=places["kind"].map(texts),
        order=places["kind"].map({kind: -place for place, kind in enumerate(KINDS)}),
    ).sort_values("order")
    groups = (("better", named[named["directed"]]), ("larger", named[~named["directed"]]))
    shown = [group for group in groups if not group[1].empty]
    panels = [_dots(rows, texts[axis], texts, width, place == 0) for place, (axis, rows) in enumerate(shown)]
    chart = alt.vconcat(*panels, spacing=30).resolve_scale(
        color="independent", shape="independent", size="independent", opacity="independent"
    )
    return captioned(chart, caption, width)


def _dots(rows: pd.DataFrame, title: str, texts: dict[str, str], width: int, is_first: bool) -> Any:
    seen = [kind for kind in KINDS if kind in set(rows["kind"])]
    kinds = [texts[kind] for kind in seen]
    legend = alt.Legend(orient="top", title=None, columns=1 if width < 600 else 3, labelLimit=width - 60)

    def by_kind(channel: Any, values: list[Any]) -> Any:
        looks = [look for kind, look in zip(KINDS, values, strict=True) if kind in seen]
        return channel(
            "shown:N",
            sort=kinds,
            scale=alt.Scale(type="ordinal", domain=kinds, range=looks),
            legend=legend if is_first else None,
        )

    names = sorted(rows["indicator"].unique())
    numbers, shown, lines = _numbered(rows["indicator"], names, _side(width) // 8)
    return (
        alt.Chart(rows.assign(indicator=numbers))
        .mark_point(filled=True)
        .encode(
            x=alt.X(
                "share:Q",
                title=wrapped(title, (width - _side(width)) // 6),
                scale=alt.Scale(domain=[0, 1]),
                axis=alt.Axis(format="%", tickCount=4),
            ),
            y=alt.Y(
                "indicator:N",
                title=None,
                axis=alt.Axis(grid=True, labelExpr=shown, labelLineHeight=LINE, labelFontSize=11),
            ),
            color=by_kind(alt.Color, [SERIES[0], GREY, GREY]),
            shape=by_kind(alt.Shape, ["diamond", "circle", "circle"]),
            size=by_kind(alt.Size, [130, 45, 25]),
            opacity=by_kind(alt.Opacity, [1, 0.9, 0.3]),
            tooltip=[
                alt.Tooltip("city:N", title=" "),
                alt.Tooltip("value:N", title=texts["value"]),
                alt.Tooltip("year:N", title=texts["year"]),
                alt.Tooltip("share:Q", title=texts["share"], format=".0%"),
            ],
            href="link:N",
        )
        .properties(width=width - _side(width), height=max(ROW, LINE * lines + 4) * len(names))
    )


def sparklines(
    observations: pd.DataFrame, texts: dict[str, str], caption: Caption, width: int
) -> dict[str, Any]:
    """Values by year, a small panel for each indicator with a scale of its own; projections are dashed.

    `observations` has indicator (name with unit), year (a number), value, projected (whether it is a
    projection), segment (years without a break in the series between them), link. `texts` names year, value,
    and has the expression of the labels of values, label.
    """
    x = alt.X("year:Q", title=None, scale=alt.Scale(nice=False, padding=6), axis=_years(3))
    y = alt.Y(
        "value:Q",
        title=None,
        scale=alt.Scale(zero=False),
        axis=alt.Axis(tickCount=3, labelExpr=texts["label"], labelFontSize=10),
    )
    tips = [
        alt.Tooltip("year:Q", title=texts["year"], format="d"),
        alt.Tooltip("value:Q", title=texts["value"], format=",.5~r"),
    ]
    base = alt.Chart().encode(x=x, y=y, tooltip=tips)
    dashes = alt.StrokeDash(
        "projected:N", legend=None, scale=alt.Scale(domain=[False, True], range=[[1, 0], [4, 3]])
    )
    points = base.transform_filter("datum.projected == false").encode(href="link:N")
    layers = alt.layer(
        base.mark_line(color=SERIES[0], strokeWidth=1.5).encode(detail="segment:N", strokeDash=dashes),
        points.mark_point(filled=True, size=14, opacity=1, color=SERIES[0]),
    )
    return captioned(_panels(layers, observations, "indicator", 70, width), caption, width)


def stripes(years: pd.DataFrame, texts: dict[str, str], caption: Caption, width: int) -> dict[str, Any]:
    """A stripe for each year, bluer the colder and redder the warmer it was than the normal.

    `years` has year (text), value, difference (from the normal, °C), link. `texts` names year, value and
    difference. The scale is symmetric; blue and red are apart for colour-blind readers.
    """
    most = float(years["difference"].abs().max())
    listed = list(years["year"])
    step = max(1, len(listed) * 44 // max(width - 40, 1) + 1)
    chart = (
        alt.Chart(years)
        .mark_rect(stroke=None)
        .encode(
            x=alt.X(
                "year:O",
                title=None,
                scale=alt.Scale(padding=0),
                axis=alt.Axis(labelAngle=0, values=listed[::-1][::step][::-1], ticks=False, domain=False),
            ),
            color=alt.Color(
                "difference:Q",
                title=texts["difference"],
                scale=alt.Scale(scheme="redblue", reverse=True, domain=[-most, most], domainMid=0),
                legend=alt.Legend(
                    orient="bottom", gradientLength=min(260, width - 80), format="+.1f", titleLimit=width - 40
                ),
            ),
            tooltip=[
                alt.Tooltip("year:O", title=texts["year"]),
                alt.Tooltip("value:Q", title=texts["value"], format=".1f"),
                alt.Tooltip("difference:Q", title=texts["difference"], format="+.1f"),
            ],
            href="link:N",
        )
        .properties(width=width - 40, height=110)
    )
    return captioned(chart, caption, width)


def _panels(layers: Any, rows: pd.DataFrame, by: str, height: int, width: int) -> Any:
    """Small panels for the values of a column, as many beside each other as fit."""
    columns = min(rows[by].nunique(), max(2, width // 220))
    inner = (width - 10) // columns - GAP
    names = list(dict.fromkeys(rows[by]))
    numbers, shown, _ = _numbered(rows[by], names, (inner + GAP - 20) // 7)
    layers.data = rows.assign(**{by: numbers})
    header = alt.Header(
        title=None, labelExpr=shown, labelAnchor="start", labelLineHeight=13, labelFontSize=11
    )
    return (
        layers.properties(width=inner, height=height)
        .facet(alt.Facet(f"{by}:N", header=header), columns=columns, spacing=18)
        .resolve_scale(x="independent", y="independent")
    )


def _numbered(values: "pd.Series[str]", names: list[str], letters: int) -> tuple["pd.Series[int]", str, int]:
    """Values as the places of their names, the expression that shows a name, and the most lines of one.

    A line has so many letters. A specification has each long name once, and the same rows for every width.
    """
    lines = [wrapped(name, letters) for name in names]
    places = {name: place for place, name in enumerate(names)}
    return values.map(places), f"{json.dumps(lines, ensure_ascii=False)}[datum.value]", max(map(len, lines))


def _side(width: int) -> int:
    """Pixels for the names beside a list."""
    return 240 if width >= 600 else 150


def _years(count: int) -> alt.Axis:
    return alt.Axis(format="d", labelExpr=INTEGERS, tickCount=count, labelFontSize=10, grid=False)
