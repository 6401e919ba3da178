"""Charts of loads: revised values against those before, and the loads of all sources."""

from typing import Any, Final

import altair as alt
import pandas as pd

from city_indicators.delivery.charts.style import GREY, INK, SERIES, Caption, captioned

ROW: Final = 22
"""Pixels for each source of a list."""
LARGEST: Final = 440
"""Pixels of the side of a square chart."""
STATES: Final = ("published", "validated", "refused")
COLOURS: Final = (SERIES[0], SERIES[4], SERIES[6])
HEIGHTS: Final = (7, 11, 17)
"""Pixels of the bar of a load by state: what needs attention is the larger."""
SIGNS: Final = ("", "…", "✕")


def old_against_new(
    values: pd.DataFrame, texts: dict[str, str], caption: Caption, width: int
) -> dict[str, Any]:
    """Revised values (y) against those before (x), on logarithmic axes if all are positive, in one unit.

    `values` has place, year, before, after, link. `texts` names year, before, after, change, and has the
    expression of the labels of values, label. On the dashed line both are equal.
    """
    both = pd.concat([values["before"], values["after"]])
    low, high = float(both.min()), float(both.max())
    axis = alt.Axis(tickCount=5, labelExpr=texts["label"])
    scale = alt.Scale(type="log" if low > 0 else "linear", domain=[low, high], nice=False, padding=8)
    line = alt.Chart(pd.DataFrame({"end": [low, high]})).mark_line(color=INK, strokeDash=[4, 4], opacity=0.6)
    points = (
        alt.Chart(values.assign(change=_relative(values)))
        .mark_point(filled=True, size=55, opacity=0.75, color=SERIES[0])
        .encode(
            x=alt.X("before:Q", title=texts["before"], scale=scale, axis=axis),
            y=alt.Y("after:Q", title=texts["after"], scale=scale, axis=axis),
            href="link:N",
            tooltip=[
                alt.Tooltip("place:N", title=" "),
                alt.Tooltip("year:N", title=texts["year"]),
                alt.Tooltip("before:Q", title=texts["before"], format=",.5~r"),
                alt.Tooltip("after:Q", title=texts["after"], format=",.5~r"),
                alt.Tooltip("change:Q", title=texts["change"], format="+.1%"),
            ],
        )
    )
    side = min(width - 90, LARGEST)
    chart = (line.encode(x="end:Q", y="end:Q") + points).properties(width=side, height=side)
    return captioned(chart, caption, width)


def loads_of_sources(
    loads: pd.DataFrame, texts: dict[str, str], caption: Caption, width: int
) -> dict[str, Any]:
    """The years that each source was loaded for: a bar for each load, by its state, as long as its interval.

    `loads` has source, first and last (dates), state (one of STATES), named (its label), read, rejected
    (share of rows, 0 to 1, or null), link. Rejected rows are a circle by their share. `texts` names state,
    read, rejected, first, last.
    """
    names = loads.drop_duplicates("state").set_index("state")["named"]
    known = [(names[state], *rest) for state, *rest in zip(STATES, COLOURS, strict=True) if state in names]
    names_take = min(230, width // 3)
    axis = alt.Axis(labelLimit=names_take)
    y = alt.Y("source:N", title=None, sort=list(loads["source"].drop_duplicates()), axis=axis)
    colour = alt.Color(
        "named:N",
        title=texts["state"],
        scale=alt.Scale(domain=[name for name, _ in known], range=[colour for _, colour in known]),
        legend=alt.Legend(orient="bottom"),
    )
    tips = [
        alt.Tooltip("source:N", title=" "),
        alt.Tooltip("first:T", title=texts["first"], format="%Y-%m-%d"),
        alt.Tooltip("last:T", title=texts["last"], format="%Y-%m-%d"),
        alt.Tooltip("named:N", title=texts["state"]),
        alt.Tooltip("read:Q", title=texts["read"], format=","),
        alt.Tooltip("rejected:Q", title=texts["rejected"], format=".1%"),
    ]
    layers = []
    for state, height, sign in zip(STATES, HEIGHTS, SIGNS, strict=True):
        base = alt.Chart(loads[loads["state"] == state]).encode(y=y, tooltip=tips, href="link:N")
        layers.append(
            base.mark_bar(height=height, stroke=INK, strokeWidth=0.3, opacity=0.85).encode(
                x=alt.X("first:T", title=None, axis=alt.Axis(format="%Y", tickCount=max(3, width // 90))),
                x2="last:T",
                color=colour,
            )
        )
        if sign:
            layers.append(
                base.mark_text(text=sign, fontWeight="bold", align="left", color=INK).encode(x="first:T")
            )
    layers.append(_rejected(loads, texts).encode(y=y, tooltip=tips, href="link:N"))
    height = ROW * max(loads["source"].nunique(), 1)
    return captioned(
        alt.layer(*layers).properties(width=width - names_take - 30, height=height), caption, width
    )


def _relative(values: pd.DataFrame) -> pd.Series:
    """The relative change; from zero there is none."""
    before = values["before"].where(values["before"] != 0)
    return (values["after"] - before) / before.abs()


def _rejected(loads: pd.DataFrame, texts: dict[str, str]) -> Any:
    """A circle in the middle of each load with rejected rows, by their share."""
    legend = alt.Legend(format=".0%", orient="bottom", values=[0.01, 0.1, 0.5], symbolFillColor=GREY)
    scale = alt.Scale(domain=[0, 1], range=[25, 400])
    found = loads[loads["rejected"] > 0]
    ends = [pd.to_datetime(found[name]) for name in ("first", "last")]
    placed = found.assign(middle=(ends[0] + (ends[1] - ends[0]) / 2).dt.strftime("%Y-%m-%d"))
    circles = alt.Chart(placed).mark_point(filled=False, color=INK, strokeWidth=1.5)
    size = alt.Size("rejected:Q", title=texts["rejected"], scale=scale, legend=legend)
    return circles.encode(x="middle:T", size=size)
