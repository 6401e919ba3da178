"""What values rest on: a heat map of cities and indicators, and the shares of the weight by city."""

from typing import Any, Final

import altair as alt
import pandas as pd

from city_indicators.delivery.charts.style import GREY, INK, SERIES, Caption, beside_names, captioned

ROW: Final = 18
"""Pixels for each city."""
SIGNS: Final = {
    "own": (SERIES[0], "circle"),
    "part": (SERIES[5], "diamond"),
    "country": (SERIES[1], "square"),
    "estimated": (SERIES[4], "triangle-up"),
    "missing": (GREY, "cross"),
}
"""The colour and shape of what a value rests on."""


def heat_map(
    cells: pd.DataFrame, order: dict[str, list[str]], texts: dict[str, str], caption: Caption, width: int
) -> dict[str, Any]:
    """A tile for each city and indicator, coloured by what the value rests on, with a sign.

    `cells` has city, indicator, pillar, rests_on (a key of SIGNS), year, age (years or null), basis (in
    words), weight (share) and link. `order` lists the city and indicator names. `texts` names the keys of
    SIGNS, and pillar, year, age, basis and weight.
    """
    named = cells.assign(rests_on=cells["rests_on"].map(texts))
    base = _tiles(named, order, texts, width).encode(color=_colour(texts, width))
    tiles = base.mark_rect(opacity=0.4)
    signs = base.mark_point(filled=True, size=45, opacity=1).encode(
        shape=alt.Shape(
            "rests_on:N",
            title=None,
            scale=alt.Scale(
                domain=[texts[code] for code in SIGNS], range=[shape for _, shape in SIGNS.values()]
            ),
            legend=_legend(width),
        )
    )
    return captioned(_sized(tiles + signs, order, width), caption, width)


def ages(
    cells: pd.DataFrame, order: dict[str, list[str]], texts: dict[str, str], caption: Caption, width: int
) -> dict[str, Any]:
    """A tile for each city and indicator with the age of the value in years, the darker the older.

    The arguments are those of `heat_map`; there is no tile where there is no value.
    """
    known = cells[cells["age"].notna()].assign(rests_on=lambda rows: rows["rests_on"].map(texts))
    base = _tiles(known, order, texts, width)
    tiles = base.mark_rect().encode(
        color=alt.Color(
            "age:Q",
            title=texts["age"],
            scale=alt.Scale(range=["#e8f1f8", "#1b4f7c"], domainMin=0),
            legend=alt.Legend(
                orient="bottom", tickMinStep=1, format="d", gradientLength=min(260, width - 80)
            ),
        )
    )
    oldest = known["age"].max()
    numbers = base.mark_text(fontSize=9).encode(
        text=alt.Text("age:Q", format="d"),
        color=alt.condition(f"datum.age > {oldest / 2}", alt.value("white"), alt.value("black")),
    )
    return captioned(_sized(tiles + numbers, order, width), caption, width)


def _tiles(named: pd.DataFrame, order: dict[str, list[str]], texts: dict[str, str], width: int) -> Any:
    """Where the tile of a city and an indicator is, and what it says if a reader points to it."""
    return alt.Chart(named).encode(
        x=alt.X(
            "indicator:N",
            sort=order["indicator"],
            title=None,
            scale=alt.Scale(domain=order["indicator"]),
            axis=alt.Axis(orient="top", labelLimit=230, **_headings(width)),
        ),
        y=alt.Y("city:N", sort=order["city"], title=None, scale=alt.Scale(domain=order["city"])),
        href="link:N",
        tooltip=[
            alt.Tooltip("city:N", title=" "),
            alt.Tooltip("indicator:N", title="  "),
            alt.Tooltip("rests_on:N", title="   "),
            alt.Tooltip("basis:N", title=texts["basis"]),
            alt.Tooltip("year:N", title=texts["year"]),
            alt.Tooltip("age:Q", title=texts["age"]),
            alt.Tooltip("pillar:N", title=texts["pillar"]),
            alt.Tooltip("weight:Q", title=texts["weight"], format=".1%"),
        ],
    )


def _headings(width: int) -> dict[str, Any]:
    """How the names of indicators stand above their columns; on a phone these are as narrow as a line."""
    return {"labelAngle": -60} if width > 400 else {"labelAngle": -90, "labelFontSize": 9}


def _sized(chart: Any, order: dict[str, list[str]], width: int) -> Any:
    return chart.properties(
        width=min(width - 240 if width > 400 else beside_names(width), 44 * len(order["indicator"])),
        height=ROW * len(order["city"]),
    )


def shares(
    parts: pd.DataFrame, cities: list[str], texts: dict[str, str], caption: Caption, width: int
) -> dict[str, Any]:
    """The share of the weight by what values rest on: a bar for each city, in the order given.

    `parts` has city, rests_on (a key of SIGNS), share (0 to 1), place (from left to right) and link.
    `texts` names the keys of SIGNS and share.
    """
    chart = (
        alt.Chart(parts.assign(rests_on=parts["rests_on"].map(texts)))
        .mark_bar(stroke=INK, strokeWidth=0.4)
        .encode(
            y=alt.Y("city:N", sort=cities, title=None),
            x=alt.X(
                "share:Q", title=texts["share"], scale=alt.Scale(domain=[0, 1]), axis=alt.Axis(format=".0%")
            ),
            color=_colour(texts, width),
            order=alt.Order("place:Q"),
            tooltip=[
                alt.Tooltip("city:N", title=" "),
                alt.Tooltip("rests_on:N", title="  "),
                alt.Tooltip("share:Q", title=texts["share"], format=".1%"),
            ],
            href="link:N",
        )
        .properties(width=beside_names(width), height=ROW * len(cities))
    )
    return captioned(chart, caption, width)


def _colour(texts: dict[str, str], width: int) -> alt.Color:
    return alt.Color(
        "rests_on:N",
        title=None,
        scale=alt.Scale(
            domain=[texts[code] for code in SIGNS], range=[colour for colour, _ in SIGNS.values()]
        ),
        legend=_legend(width),
    )


def _legend(width: int) -> alt.Legend:
    return alt.Legend(orient="bottom", columns=max(1, width // 200), labelLimit=280)
