"""The chart of the plan of a backfill: what is left to do, by interval."""

from typing import Any, Final

import altair as alt
import pandas as pd

from city_indicators.delivery.charts.style import GREY, INK, SERIES, Caption, captioned

ROW: Final = 30
"""Pixels for each action."""
COLOURS: Final = {"fetch": SERIES[1], "replay": SERIES[0], "nothing": GREY}
"""The actions in their order from the top, each with its colour."""


def left_to_do(
    intervals: pd.DataFrame, names: dict[str, str], texts: dict[str, str], caption: Caption, width: int
) -> dict[str, Any]:
    """The intervals of a plan as bars as long as each, in a row and a colour for each action.

    `intervals` has first and last (dates), action (one of COLOURS), observations, requests, link. `names`
    labels the actions, `texts` names first, last, observations, requests.
    """
    shown = intervals.assign(named=intervals["action"].map(names))
    order = [names[action] for action in COLOURS]
    names_take = min(150, width // 3)
    chart = (
        alt.Chart(shown)
        .mark_bar(height=ROW * 2 // 3, stroke=INK, strokeWidth=0.3)
        .encode(
            x=alt.X("first:T", title=None, axis=alt.Axis(format="%Y", tickCount=max(3, width // 90))),
            x2="last:T",
            y=alt.Y(
                "named:N", title=None, scale=alt.Scale(domain=order), axis=alt.Axis(labelLimit=names_take)
            ),
            color=alt.Color(
                "named:N", scale=alt.Scale(domain=order, range=list(COLOURS.values())), legend=None
            ),
            href="link:N",
            tooltip=[
                alt.Tooltip("named:N", title=" "),
                alt.Tooltip("first:T", title=texts["first"], format="%Y-%m-%d"),
                alt.Tooltip("last:T", title=texts["last"], format="%Y-%m-%d"),
                alt.Tooltip("observations:Q", title=texts["observations"], format=","),
                alt.Tooltip("requests:Q", title=texts["requests"], format=","),
            ],
        )
        .properties(width=width - names_take - 30, height=ROW * len(COLOURS))
    )
    return captioned(chart, caption, width)
