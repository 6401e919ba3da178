"""Trends of places: slopes with their intervals, and the balance of places for and against a megatrend."""

from typing import Any, Final

import altair as alt
import pandas as pd

from city_indicators.delivery.charts.style import BETTER, GREY, INK, WORSE, Caption, beside_names, captioned

ROW: Final = 18
"""Pixels for each bar or place."""
VERDICTS: Final = {
    "increasing": (BETTER, "triangle-up"),
    "decreasing": (WORSE, "triangle-down"),
    "none_found": (GREY, "circle"),
    "": (GREY, "cross"),
}
"""The colour and shape of a place by its verdict; the last one has none."""
BALANCE: Final = {"against": WORSE, "none": GREY, "for": BETTER}
"""The parts of a balance from left to right."""


def balance_bars(counts: pd.DataFrame) -> pd.DataFrame:
    """A bar for each part of a balance: places without a trend around zero, those for to the right.

    `counts` has places_for, places_none, places_against and places_of_group (numbers of places). Each row
    becomes three, with its other columns, part (a key of BALANCE), places, and start and end (shares of the
    group, -1 to 1). Places that were not assessed have no bar, so that its length is the coverage.
    """
    none = counts["places_none"] / 2
    ends = {
        "against": (-none - counts["places_against"], -none),
        "none": (-none, none),
        "for": (none, none + counts["places_for"]),
    }
    parts = [
        counts.assign(
            part=part,
            places=counts[f"places_{part}"],
            start=start / counts["places_of_group"],
            end=end / counts["places_of_group"],
        )
        for part, (start, end) in ends.items()
    ]
    bars = pd.concat(parts, ignore_index=True)
    return bars[bars["places"] > 0]


def balances(
    bars: pd.DataFrame, groups: list[str], texts: dict[str, str], caption: Caption, width: int
) -> dict[str, Any]:
    """The balance of each megatrend, with a bar for each group of places, in the order given.

    `bars` has megatrend, group, part, places, start, end (as of `balance_bars`), shown (the verdict in
    words) and link. `texts` names for, none, against, places, share and verdict.
    """
    names = [texts[part] for part in BALANCE]
    tips = [
        alt.Tooltip("megatrend:N", title=" "),
        alt.Tooltip("group:N", title="  "),
        alt.Tooltip("part:N", title="   "),
        alt.Tooltip("places:Q", title=texts["places"]),
        alt.Tooltip("shown:N", title=texts["verdict"]),
    ]
    chart = (
        alt.Chart(bars.assign(part=bars["part"].map(texts)))
        .mark_bar(stroke=INK, strokeWidth=0.4)
        .encode(
            y=_names("group", groups, width),
            x=alt.X(
                "start:Q",
                title=texts["share"],
                scale=alt.Scale(domain=[-1, 1]),
                axis=alt.Axis(labelExpr="format(abs(datum.value), '.0%')", values=[-1, -0.5, 0, 0.5, 1]),
            ),
            x2="end:Q",
            color=alt.Color(
                "part:N",
                title=None,
                scale=alt.Scale(domain=names, range=list(BALANCE.values())),
                legend=alt.Legend(orient="bottom", columns=max(1, width // 220), labelLimit=280),
            ),
            tooltip=tips,
            href="link:N",
        )
        .properties(width=beside_names(width), height=ROW * len(groups))
    )
    faceted = chart.facet(row=_heading(list(dict.fromkeys(bars["megatrend"])), width), spacing=8)
    return captioned(faceted, caption, width)


def slopes(places: pd.DataFrame, texts: dict[str, str], caption: Caption, width: int) -> dict[str, Any]:
    """The slope of each place with its 95 % interval, in the order of the rows.

    `places` has place, slope, slope_low, slope_high (unit a year), trend (a key of VERDICTS), verdict (in
    words), interval (in words), n (years), mark (a word beside the place, or nothing) and link. `texts`
    names slope, interval, verdict and years.
    """
    by_verdict = places.drop_duplicates("trend").set_index("trend")["verdict"]
    seen = [code for code in VERDICTS if code in by_verdict]
    names = [by_verdict[code] for code in seen]
    legend = alt.Legend(orient="bottom", columns=max(1, width // 240), labelLimit=280)
    tips = [
        alt.Tooltip("place:N", title=" "),
        alt.Tooltip("verdict:N", title=texts["verdict"]),
        alt.Tooltip("slope:Q", title=texts["slope"], format=",.4~r"),
        alt.Tooltip("interval:N", title=texts["interval"]),
        alt.Tooltip("n:Q", title=texts["years"]),
    ]
    order = _names("place", list(places["place"]), width)
    base = alt.Chart(places).encode(y=order, tooltip=tips, href="link:N")
    whiskers = base.mark_rule(strokeWidth=2, opacity=0.45).encode(
        x=alt.X("slope_low:Q", title=texts["slope"], axis=alt.Axis(labelOverlap=True)), x2="slope_high:Q"
    )
    points = base.mark_point(filled=True, size=70, opacity=1).encode(
        x="slope:Q",
        color=alt.Color(
            "verdict:N",
            title=None,
            scale=alt.Scale(domain=names, range=[VERDICTS[code][0] for code in seen]),
            legend=legend,
        ),
        shape=alt.Shape(
            "verdict:N",
            title=None,
            scale=alt.Scale(domain=names, range=[VERDICTS[code][1] for code in seen]),
            legend=legend,
        ),
    )
    zero = alt.Chart(pd.DataFrame({"zero": [0]})).mark_rule(strokeDash=[4, 3], opacity=0.6).encode(x="zero:Q")
    layers = [zero, whiskers, points]
    marked = places[places["mark"] != ""]
    if not marked.empty:
        words = alt.Chart(marked).mark_text(align="left", dx=8, fontWeight="bold")
        layers.append(words.encode(x="slope_high:Q", y=order, text="mark:N"))
    chart = alt.layer(*layers).properties(width=beside_names(width) - 20, height=ROW * len(places))
    return captioned(chart, caption, width)


def _heading(megatrends: list[str], width: int) -> alt.Row:
    """The name of each megatrend above its bars."""
    header = alt.Header(
        labelOrient="top",
        labelAngle=0,
        labelAnchor="start",
        labelFontWeight="bold",
        labelLimit=width - 40,
        labelPadding=2,
    )
    return alt.Row("megatrend:N", title=None, sort=megatrends, header=header)


def _names(column: str, order: list[str], width: int) -> alt.Y:
    return alt.Y(
        f"{column}:N", sort=order, title=None, axis=alt.Axis(labelLimit=width - beside_names(width) - 20)
    )
