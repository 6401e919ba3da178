"""The ranking of a rating: scores with their likely ranks, ranks over the years, and the cities on a map."""

import json
from functools import cache
from pathlib import Path
from typing import Any, Final

import altair as alt
import pandas as pd

from city_indicators.delivery.charts.style import GREY, INK, SERIES, SHAPES, Caption, beside_names, captioned

LAND: Final = Path(__file__).with_name("land-110m.json")
"""Coastlines of Natural Earth, public domain. A joint publication draws no borders."""
ROW: Final = 18
"""Pixels for each city of a list."""


def likely_ranks(cities: pd.DataFrame, texts: dict[str, str], caption: Caption, width: int) -> dict[str, Any]:
    """Ranks as points with whiskers from the 5th to the 95th percentile of the simulated ranks.

    `cities` has city, rank, rank_p05, rank_p95, score, share (of city-level values by weight, 0 to 1), link.
    `texts` names rank, likely, score, share.
    """
    order = alt.Y("city:N", sort=list(cities["city"]), title=None)
    tips = [
        alt.Tooltip("city:N", title=" "),
        alt.Tooltip("rank:Q", title=texts["rank"]),
        alt.Tooltip("likely:N", title=texts["likely"]),
        alt.Tooltip("score:Q", title=texts["score"], format=".2f"),
        alt.Tooltip("share:Q", title=texts["share"], format=".0%"),
    ]
    base = alt.Chart(cities).encode(y=order, tooltip=tips)
    whiskers = base.mark_rule(strokeWidth=2, opacity=0.45).encode(
        x=alt.X("rank_p05:Q", title=texts["rank"], scale=alt.Scale(domainMin=1, nice=False)), x2="rank_p95:Q"
    )
    points = base.mark_point(filled=True, size=60, opacity=1).encode(
        x="rank:Q",
        href="link:N",
        color=alt.Color(
            "share:Q",
            title=texts["share"],
            scale=alt.Scale(domain=[0.4, 0.9], range=[GREY, SERIES[0]], clamp=True),
            legend=alt.Legend(format=".0%", orient="bottom", titleLimit=400),
        ),
    )
    chart = (whiskers + points).properties(width=beside_names(width), height=ROW * max(len(cities), 1))
    return captioned(chart, caption, width)


def contributions(
    parts: pd.DataFrame, cities: list[str], texts: dict[str, str], caption: Caption, width: int
) -> dict[str, Any]:
    """What each score is made of: a bar for each city, in the order given, with a segment for each part.

    `parts` has city, part, value (points of the score; negative ones are left of zero), link. `texts` names
    part and score.
    """
    names = list(dict.fromkeys(parts["part"]))
    colours = [SERIES[number % len(SERIES)] for number in range(len(names))]
    chart = (
        alt.Chart(parts)
        # Beyond eight parts colours repeat; the edges keep neighbours apart.
        .mark_bar(stroke=INK, strokeWidth=0.4)
        .encode(
            y=alt.Y("city:N", sort=cities, title=None),
            x=alt.X("value:Q", title=texts["score"]),
            color=alt.Color(
                "part:N",
                sort=names,
                title=None,
                scale=alt.Scale(domain=names, range=colours),
                legend=alt.Legend(orient="bottom", columns=max(1, width // 300), labelLimit=280),
            ),
            order=alt.Order("place:Q"),
            tooltip=[
                alt.Tooltip("city:N", title=" "),
                alt.Tooltip("part:N", title=texts["part"]),
                alt.Tooltip("value:Q", title=texts["score"], format=".2f"),
            ],
            href="link:N",
        )
        .properties(width=beside_names(width), height=ROW * len(cities))
    )
    return captioned(chart, caption, width)


def ranks_over_time(
    ranks: pd.DataFrame, chosen: list[str], texts: dict[str, str], caption: Caption, width: int
) -> dict[str, Any]:
    """Ranks by year, a line for each city; those `chosen` in colour with their names at the end.

    `ranks` has city, year, rank, segment (years of a segment are comparable with each other), link. Lines end
    where a year is not comparable with the one before.
    """
    years = sorted(ranks["year"].unique())
    x = alt.X("year:O", title=None, axis=alt.Axis(labelAngle=0, values=_few(years, width)))
    y = alt.Y("rank:Q", title=texts["rank"], scale=alt.Scale(reverse=True, domainMin=1, nice=False))
    tips = [
        alt.Tooltip("city:N", title=" "),
        alt.Tooltip("year:O", title=texts["year"]),
        alt.Tooltip("rank:Q", title=texts["rank"]),
    ]
    lines = alt.Chart(ranks).encode(x=x, y=y, detail=["city:N", "segment:N"], tooltip=tips)
    named = ranks[ranks["city"].isin(chosen)]
    colour = alt.Color("city:N", sort=chosen, legend=None, scale=alt.Scale(domain=chosen, range=list(SERIES)))
    shape = alt.Shape("city:N", sort=chosen, legend=None, scale=alt.Scale(domain=chosen, range=list(SHAPES)))
    last = named.sort_values("year").groupby("city").tail(1)
    bold = alt.Chart(named).encode(x=x, y=y, detail="segment:N", color=colour, tooltip=tips, href="link:N")
    chart = (
        lines.mark_line(color=GREY, opacity=0.25)
        + bold.mark_line(strokeWidth=2.5)
        + bold.mark_point(filled=True, size=60, opacity=1).encode(shape=shape)
        + alt.Chart(last).mark_text(align="left", dx=8).encode(x=x, y=y, text="city:N", color=colour)
    )
    return captioned(chart.properties(width=width - 160, height=420), caption, width)


def on_map(places: pd.DataFrame, texts: dict[str, str], caption: Caption, width: int) -> dict[str, Any]:
    """Cities as points on coastlines, sized by population, coloured by value.

    `places` has city, latitude, longitude, value, people (inhabitants, or null), link. `texts` names value
    and people.
    """
    land = alt.Chart(alt.NamedData("land"))
    tips = [alt.Tooltip("city:N", title=" "), alt.Tooltip("value:Q", title=texts["value"], format=".4")]
    points = (
        alt.Chart(places)
        .mark_circle(opacity=0.85, stroke=INK, strokeWidth=0.5)
        .encode(
            longitude="longitude:Q",
            latitude="latitude:Q",
            size=alt.Size("people:Q", title=texts["people"], scale=alt.Scale(range=[20, 400]), legend=None),
            color=alt.Color(
                "value:Q",
                title=texts["value"],
                scale=alt.Scale(scheme="viridis"),
                legend=alt.Legend(orient="bottom", gradientLength=min(300, width - 60)),
            ),
            tooltip=tips,
            href="link:N",
        )
    )
    chart = (
        land.mark_geoshape(fill=GREY, fillOpacity=0.18, stroke=GREY, strokeOpacity=0.5) + points
    ).project(type="equalEarth")
    drawn = captioned(chart.properties(width=width - 20, height=(width - 20) // 2), caption, width)
    # Not by altair, which copies all data several times.
    drawn["vconcat"][0]["hconcat"][0]["layer"][0]["data"] = land_outline()
    return drawn


@cache
def land_outline() -> dict[str, Any]:
    """The coastlines as data of a specification, in TopoJSON."""
    outline = json.loads(LAND.read_text(encoding="utf-8"))
    return {"values": outline, "format": {"type": "topojson", "feature": "land"}}


def _few(years: list[str], width: int) -> list[str]:
    """The years that have a label: as many as fit, the last one among them."""
    step = max(1, len(years) * 40 // max(width - 160, 1) + 1)
    return years[::-1][::step][::-1]
