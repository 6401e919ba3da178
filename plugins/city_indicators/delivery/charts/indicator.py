"""One indicator: its values over time, its latest values in order, and how they are distributed."""

from collections.abc import Sequence
from typing import Any, Final

import altair as alt
import pandas as pd

from city_indicators.delivery.charts.style import GREY, INK, INTEGERS, SERIES, SHAPES, Caption, captioned

ROW: Final = 18
"""Pixels for each place of a list."""
NAMES: Final = 190
"""Pixels for the names of a list."""
SCALE: Final = 110
"""Pixels for the scale of the first panel."""
COLUMNS: Final = {320: 1, 640: 2}
"""The panels beside each other by the width of the chart; three in a wider one."""
KINDS: Final = ("observed", "estimated", "break", "projection")
"""What a value is: observed, estimated or imputed, the first after a break in the series, or projected."""
SIGNS: Final = {
    "observed": "circle",
    "estimated": "M1,0A1,1,0,1,1,-1,0A1,1,0,1,1,1,0ZM.55,0A.55,.55,0,1,0,-.55,0A.55,.55,0,1,0,.55,0Z",
    "break": "diamond",
    "projection": "M.7,.7H-.7V-.7H.7ZM.4,.4V-.4H-.4V.4Z",
}
"""The shape of each kind. Hollow ones are paths: legends show no fill of a symbol."""
OWN, OTHER = "own", "other"
"""Whether a value is the city's own, or that of its country, its region or an area that is not the city."""


def over_time(
    values: pd.DataFrame, texts: dict[str, str], caption: Caption, width: int, years: bool = False
) -> dict[str, Any]:
    """Values by year, a panel for each city, all on one scale.

    `values` has city, year, value, shown (the value in words), series (the name of a source and basis, which
    begins with a letter if there are several), own (whether the series is the city's own), kind (one of
    `KINDS`), link. Lines join values of one series and end at a break; those to projections are dashed.
    `texts` names value, year, series, status and each kind; `years` says that the values are years.
    """
    drawn = pd.concat([_segmented(values), _bridges(values)])
    drawn = drawn.assign(status=drawn["kind"].map(texts), letter=drawn["series"].str.partition(" ")[0])
    columns = COLUMNS.get(width, 3)
    panel = (width - SCALE - 20 * (columns - 1)) // columns
    base = alt.Chart().encode(
        x=alt.X(
            "year:Q",
            title=None,
            scale=alt.Scale(nice=False),
            axis=alt.Axis(format="d", labelExpr=INTEGERS, tickCount=panel // 60),
        ),
        y=alt.Y(
            "value:Q",
            title=texts["value"],
            scale=alt.Scale(zero=False),
            axis=alt.Axis(**_number(years), tickCount=4),
        ),
    )
    own = dict(sorted(zip(values["series"], values["own"], strict=True)))
    colour = alt.Color(
        "series:N",
        title=texts["series"],
        scale=alt.Scale(domain=list(own), range=_colours(list(own.values()))),
        legend=alt.Legend(orient="bottom", columns=1, labelLimit=width - 60, symbolType="stroke"),
    )
    lines = base.encode(color=colour, detail=["series:N", "segment:N"])
    dashed = "datum.kind == 'projection' || datum.kind == 'bridge'"
    layers = [lines.mark_line(strokeWidth=1.6).transform_filter(f"!({dashed})")]
    if "projection" in set(values["kind"]):
        layers.append(lines.mark_line(strokeWidth=1.6, strokeDash=[4, 3]).transform_filter(dashed))
    points = _points(base, values, colour, texts, width)
    layers.append(points.transform_filter("datum.kind != 'bridge'"))
    if len(own) > 1:
        letters = base.mark_text(align="left", dx=6, fontSize=10).encode(text="letter:N")
        layers.append(letters.transform_filter("datum.last"))
    cities = alt.Facet("city:N", title=None, sort=list(dict.fromkeys(values["city"])))
    panels = alt.layer(*layers, data=drawn).properties(width=panel, height=150)
    return captioned(panels.facet(facet=cities, columns=columns), caption, width)


def latest(
    values: pd.DataFrame, texts: dict[str, str], caption: Caption, width: int, years: bool = False
) -> dict[str, Any]:
    """The latest values in order, those of the cities themselves above those of other areas.

    `values` has name (of a city or another place), value, shown (the value in words), year, basis, level
    (`OWN` or `OTHER`), link, in the order of the list. `texts` names value, year, basis, own and other;
    `years` says that the values are years themselves.
    """
    named = dict(zip(values["basis"], values["level"] == OWN, strict=True))
    bases = sorted(named, key=lambda basis: not named[basis])
    legend = alt.Legend(orient="bottom", columns=1, labelLimit=width - 60)
    basis: dict[str, Any] = {"title": texts["basis"], "sort": bases, "legend": legend}
    colours, shapes = _colours([named[each] for each in bases]), _repeated(SHAPES, len(bases))
    base = alt.Chart().encode(
        x=alt.X("value:Q", **_across(_extent(values), texts["value"], width, years)),
        color=alt.Color("basis:N", scale=alt.Scale(domain=bases, range=colours), **basis),
        shape=alt.Shape("basis:N", scale=alt.Scale(domain=bases, range=shapes), **basis),
        href="link:N",
        tooltip=[
            alt.Tooltip("name:N", title=" "),
            alt.Tooltip("shown:N", title=texts["value"]),
            alt.Tooltip("year:N", title=texts["year"]),
            alt.Tooltip("basis:N", title=texts["basis"]),
        ],
    )
    parts = []
    for level in (OWN, OTHER):
        listed = values[values["level"] == level]
        if not listed.empty:
            title = alt.TitleParams(texts[level], fontSize=12, fontWeight="bold")
            points = base.mark_point(size=60, filled=level == OWN, opacity=1, strokeWidth=1.8)
            points = points.encode(y=_rows(list(listed["name"])))
            parts.append(
                points.properties(data=listed, title=title, width=width - NAMES, height=alt.Step(ROW))
            )
    return captioned(alt.vconcat(*parts), caption, width)


def distribution(
    values: pd.DataFrame,
    chosen: pd.DataFrame,
    texts: dict[str, str],
    caption: Caption,
    width: int,
    years: bool = False,
) -> dict[str, Any]:
    """A histogram of values, and below it a row for each chosen city with its value.

    `values` has value and level (`OWN` or `OTHER`); `chosen` has name, value, shown, level, link. `texts`
    names value, places, own and other; `years` says that the values are years themselves.
    """
    # The scale takes its ends from the bins, which begin below the least value.
    x = _across(None, texts["value"], width, years)
    bars = _histogram(values, texts, width, x, labelled=chosen.empty)
    if chosen.empty:
        return captioned(bars, caption, width)
    levels = [texts[OWN], texts[OTHER]]
    points = (
        alt.Chart(chosen.assign(group=chosen["level"].map(texts)))
        .mark_point(size=70, stroke=SERIES[1], strokeWidth=1.8, opacity=1)
        .encode(
            x=alt.X("value:Q", **x),
            y=_rows(list(chosen["name"])),
            shape=alt.Shape(
                "group:N", legend=None, scale=alt.Scale(domain=levels, range=["diamond", "circle"])
            ),
            fill=alt.Fill(
                "group:N", legend=None, scale=alt.Scale(domain=levels, range=[SERIES[1], "transparent"])
            ),
            tooltip=[
                alt.Tooltip("name:N", title=" "),
                alt.Tooltip("shown:N", title=texts["value"]),
                alt.Tooltip("group:N", title=" "),
            ],
            href="link:N",
        )
        .properties(width=width - NAMES, height=alt.Step(ROW))
    )
    return captioned(
        alt.vconcat(bars, points, spacing=6).resolve_scale(
            x="shared", color="independent", fill="independent", shape="independent"
        ),
        caption,
        width,
    )


def shares(counts: pd.DataFrame, texts: dict[str, str], caption: Caption, width: int) -> dict[str, Any]:
    """How many cities have each value of an indicator with few possible values.

    `counts` has label, cities (how many), names (of the cities), in the order of the list. `texts` names
    value, places and cities.
    """
    base = alt.Chart(counts).encode(
        y=alt.Y("label:N", sort=list(counts["label"]), title=None, axis=alt.Axis(labelLimit=width // 2)),
        x=alt.X("cities:Q", title=texts["places"], axis=alt.Axis(labelExpr=INTEGERS, format="d")),
        tooltip=[
            alt.Tooltip("label:N", title=texts["value"]),
            alt.Tooltip("cities:Q", title=texts["places"]),
            alt.Tooltip("names:N", title=texts["cities"]),
        ],
    )
    chart = base.mark_bar(color=SERIES[0]) + base.mark_text(align="left", dx=4).encode(text="cities:Q")
    return captioned(chart.properties(width=width // 2 - 30, height=30 * len(counts)), caption, width)


def _segmented(values: pd.DataFrame) -> pd.DataFrame:
    """The values with their segment, which a break begins anew, and whether each is its series' last."""
    ordered = values.sort_values("year", kind="stable")
    key = [ordered["city"], ordered["series"]]
    return ordered.assign(
        segment=(ordered["kind"] == "break").groupby(key).cumsum(),
        last=ordered.groupby(["city", "series"]).cumcount(ascending=False) == 0,
    )


def _bridges(values: pd.DataFrame) -> pd.DataFrame:
    """The last value before the projections of each series, from which the dashed line begins."""
    observed = _segmented(values[values["kind"] != "projection"]).groupby(["city", "series"]).tail(1)
    first = values[values["kind"] == "projection"].groupby(["city", "series"])["year"].min().rename("from")
    before = observed.merge(first, on=["city", "series"])
    return before[before["year"] < before["from"]].drop(columns="from").assign(kind="bridge", last=False)


def _points(base: Any, values: pd.DataFrame, colour: Any, texts: dict[str, str], width: int) -> Any:
    """The values as points, with a sign for each kind."""
    kinds = [kind for kind in KINDS if kind in set(values["kind"])]
    return base.mark_point(size=34, filled=True, opacity=1).encode(
        color=colour,
        shape=alt.Shape(
            "status:N",
            title=texts["status"],
            scale=alt.Scale(domain=[texts[kind] for kind in kinds], range=[SIGNS[kind] for kind in kinds]),
            legend=alt.Legend(
                orient="bottom",
                columns=max(1, width // 320),
                labelLimit=280,
                symbolSize=60,
                symbolFillColor=INK,
                symbolStrokeColor=INK,
            ),
        ),
        href="link:N",
        tooltip=[
            alt.Tooltip("city:N", title=" "),
            alt.Tooltip("year:Q", title=texts["year"], format="d"),
            alt.Tooltip("shown:N", title=texts["value"]),
            alt.Tooltip("series:N", title=texts["series"]),
            alt.Tooltip("status:N", title=texts["status"]),
        ],
    )


def _histogram(
    values: pd.DataFrame, texts: dict[str, str], width: int, x: dict[str, Any], labelled: bool
) -> Any:
    """Bars of the number of places; those of other areas are paler and above those of the cities."""
    levels = [level for level in (OWN, OTHER) if level in set(values["level"])]
    named = [texts[level] for level in levels]
    colours = {OWN: SERIES[0], OTHER: f"{GREY}55"}
    bins = alt.Bin(maxbins=max(8, width // 40))
    if not labelled:
        x = {**x, "title": None, "axis": alt.Axis(labels=False, ticks=False)}
    return (
        alt.Chart(values.assign(group=values["level"].map(texts)))
        .mark_bar(stroke=INK, strokeWidth=0.5)
        .encode(
            x=alt.X("value:Q", bin=bins, **x),
            y=alt.Y("count():Q", title=texts["places"], axis=alt.Axis(labelExpr=INTEGERS, format="d")),
            color=alt.Color(
                "group:N",
                title=None,
                scale=alt.Scale(domain=named, range=[colours[each] for each in levels]),
                legend=alt.Legend(orient="top", columns=1, labelLimit=width - 60),
            ),
            order=alt.Order("level:N", sort="descending"),
            tooltip=[
                alt.Tooltip("value:Q", bin=bins, title=texts["value"]),
                alt.Tooltip("group:N", title=" "),
                alt.Tooltip("count():Q", title=texts["places"]),
            ],
        )
        .properties(width=width - NAMES, height=150)
    )


def _across(extent: list[float] | None, title: str, width: int, years: bool) -> dict[str, Any]:
    """The axis of values from the least to the greatest, or of what is drawn."""
    return {
        "title": title,
        "scale": alt.Scale(domain=extent, nice=True, zero=False) if extent else alt.Scale(zero=False),
        "axis": alt.Axis(**_number(years), tickCount=max(3, width // 160)),
    }


def _extent(values: pd.DataFrame) -> list[float]:
    return [float(values["value"].min()), float(values["value"].max())]


def _rows(names: list[str]) -> Any:
    """The axis of a list of names."""
    return alt.Y("name:N", sort=names, title=None, axis=alt.Axis(grid=True, labelLimit=NAMES - 40))


def _colours(own: list[bool]) -> list[str]:
    """Colours of series or bases: grey for those that are not the city's own."""
    colours = iter(_repeated(SERIES, len(own)))
    return [next(colours) if each else GREY for each in own]


def _repeated(signs: Sequence[str], number: int) -> list[str]:
    return [signs[place % len(signs)] for place in range(number)]


def _number(years: bool) -> dict[str, Any]:
    """How an axis writes numbers: years without groups of digits."""
    return {"format": "d"} if years else {}
