"""What a change of a rating's method does to the ranks."""

from typing import Any, Final

import altair as alt
import pandas as pd

from city_indicators.delivery.charts.ranking import ROW
from city_indicators.delivery.charts.style import BETTER, GREY, INK, WORSE, Caption, beside_names, captioned

MOVES: Final = ("rose", "fell", "same", "new")
"""How a rank changed, in the order of the legend."""


def moves(cities: pd.DataFrame, texts: dict[str, str], caption: Caption, width: int) -> dict[str, Any]:
    """The declared rank as a ring, the new one as a mark with whiskers of its likely ranks.

    `cities` has city, rank, old_rank (null without one), low and high (null without likely ranks), likely,
    move (one of MOVES), link. `texts` names rank, old_rank, likely and the moves.
    """
    named = cities.assign(move=[texts[move] for move in cities["move"]])
    order = alt.Y("city:N", sort=list(cities["city"]), title=None)
    x = alt.X("rank:Q", title=texts["rank"], scale=alt.Scale(domainMin=1, nice=False))
    tips = [
        alt.Tooltip("city:N", title=" "),
        alt.Tooltip("old_rank:Q", title=texts["old_rank"]),
        alt.Tooltip("rank:Q", title=texts["rank"]),
        alt.Tooltip("likely:N", title=texts["likely"]),
    ]
    scale = alt.Scale(
        domain=[texts[move] for move in MOVES], range=["triangle-up", "triangle-down", "circle", "diamond"]
    )
    colours = alt.Scale(domain=[texts[move] for move in MOVES], range=[BETTER, WORSE, GREY, GREY])
    legend = alt.Legend(orient="bottom", title=None, columns=max(1, width // 160))
    base = alt.Chart(named).encode(y=order, tooltip=tips)
    layers = (
        base.mark_rule(strokeWidth=2, opacity=0.4).encode(
            x=alt.X("low:Q", title=texts["rank"], scale=alt.Scale(domainMin=1, nice=False)), x2="high:Q"
        )
        + base.mark_rule(strokeDash=[2, 2], opacity=0.7).encode(x=x, x2="old_rank:Q")
        + base.mark_point(filled=False, size=50, stroke=INK, opacity=0.9).encode(x="old_rank:Q")
        + base.mark_point(filled=True, size=70, opacity=1).encode(
            x=x,
            color=alt.Color("move:N", scale=colours, legend=legend),
            shape=alt.Shape("move:N", scale=scale, legend=legend),
            href="link:N",
        )
    )
    return captioned(
        layers.properties(width=beside_names(width), height=ROW * max(len(cities), 1)), caption, width
    )
