"""The charts of the pages Trends."""

from typing import Any, Final
from urllib.parse import urlencode

import pandas as pd
from fastapi import HTTPException
from sqlalchemy import Connection

from city_indicators.core.languages import Language, words
from city_indicators.delivery.charts import trends as drawn
from city_indicators.delivery.charts.style import Caption
from city_indicators.delivery.exports.texts import meaning
from city_indicators.delivery.numbers import NOTHING, Numbers
from city_indicators.delivery.web.charts import Chart, Drawing, Parameters, lineage_address, sources_line
from city_indicators.delivery.web.choices import chosen
from city_indicators.delivery.web.digits import unit_of_change
from city_indicators.delivery.web.labels import Labels
from city_indicators.delivery.web.long_lists import A_PAGE, limited
from city_indicators.delivery.web.trends import Declarations, declarations, places_of
from city_indicators.warehouse.database import rows


def balance(connection: Connection, language: Language, parameters: Parameters) -> Drawing | None:
    """The places for and against each megatrend at a level in a window, by group."""
    declared = declarations(connection, language)
    if declared is None:
        return None
    window = declared.window(parameters.get("window"))
    level = chosen("level", declared.levels, parameters.get("level"), next(iter(declared.levels)))
    chosen_rows = [
        row
        for row in rows(connection, "web/megatrends", megatrend=None)
        if (row["level"], row["time_window"]) == (level, window)
    ]
    linked = declared.research.megatrends.indicators
    sources = rows(connection, "web/trend_sources", indicators=linked, time_window=window, level=level)
    return of_balance(declared, chosen_rows, level, window, sources, language)


def of_balance(
    declared: Declarations,
    verdicts: list[dict[str, Any]],
    level: str,
    window: str,
    sources: list[dict[str, Any]],
    language: Language,
) -> Drawing | None:
    """The chart of `balance`, by rows of web/megatrends of the level and the window."""
    _ = words(language).gettext
    found = _balances(verdicts, declared, language)
    if not found:
        return None
    texts = {
        "for": _("places for"),
        "none": _("no trend found"),
        "against": _("places against"),
        "places": _("Places"),
        "share": _("Share of the places of the group"),
        "verdict": _("Verdict"),
    }
    title = _("Megatrends: %(level)s, %(window)s") % {
        "level": declared.levels[level],
        "window": declared.windows[window],
    }
    draft = [_("The wording of the megatrends is a draft.")] if declared.research.megatrends.draft else []
    about = _(
        "Right: places that move as expected; left: places that move against it. "
        "The length of a bar is the share of places assessed."
    )
    caption = Caption(title, about, [*draft, *sources_line(sources, language)])
    bars = drawn.balance_bars(pd.DataFrame(found))
    return Drawing(
        bars,
        caption,
        lambda width: drawn.balances(bars, list(declared.groups.values()), texts, caption, width),
    )


def slopes(connection: Connection, language: Language, parameters: Parameters) -> Drawing | None:
    """The slopes of the places of a group for an indicator, and which lead and lag in a megatrend."""
    declared = declarations(connection, language)
    if declared is None:
        return None
    _ = words(language).gettext
    window, group = declared.window(parameters.get("window")), declared.group(parameters.get("group"))
    level = chosen("level", {"": ""} | declared.levels, parameters.get("level"), "")
    indicator = parameters.get("indicator", "")
    places = sorted(places_of(declared, group, level))
    chosen_ones = {"indicators": [indicator], "time_window": window, "places": places}
    trends = rows(connection, "web/trends", **chosen_ones, most=A_PAGE, before=0)
    with_slope = [row for row in trends if row["slope"] is not None]
    if not with_slope:
        return None
    labels = Labels(connection, language)
    marks = _marks(connection, declared, parameters, language)
    drawn_places = pd.DataFrame([_place(row, marks, window, labels, language) for row in with_slope])
    unit = unit_of_change(with_slope[0]["unit_measure"], labels, language)
    texts = {
        "slope": _("%(unit)s a year") % {"unit": unit},
        "interval": _("95 %% interval") % (),
        "verdict": _("Verdict"),
        "years": _("Years observed"),
    }
    title = f"{labels('indicator', indicator)}: {declared.windows[window]}, {declared.groups[group]}"
    about = _("Theil-Sen slope and its 95 %% interval, %s a year") % unit
    sources = {row["source"]: row for row in with_slope}.values()
    subtitle = limited(about, len(with_slope), with_slope[0]["slopes"], language)
    caption = Caption(title, subtitle, sources_line(list(sources), language))
    return Drawing(drawn_places, caption, lambda width: drawn.slopes(drawn_places, texts, caption, width))


CHARTS: Final[dict[str, Chart]] = {"megatrend-balance": balance, "trend-slopes": slopes}


def _balances(
    verdicts: list[dict[str, Any]], declared: Declarations, language: Language
) -> list[dict[str, Any]]:
    """The places for and against each megatrend that has any assessed, in the order of the declaration."""
    order = {each.id: place for place, each in enumerate(declared.research.megatrends.trends)}
    shown = [
        row
        for row in verdicts
        if row["places_assessed"] and row["megatrend"] in order and row["city_group"] in declared.groups
    ]
    return [
        {
            "megatrend": declared.megatrend(row["megatrend"]).name.in_language(language),
            "group": declared.groups[row["city_group"]],
            **{f"places_{part}": row[f"places_{part}"] for part in ("for", "none", "against", "of_group")},
            "shown": _verdict(row, language),
            "link": _page(row, language),
        }
        for row in sorted(shown, key=lambda row: order[row["megatrend"]])
    ]


def _place(
    row: dict[str, Any], marks: dict[str, str], window: str, labels: Labels, language: Language
) -> dict[str, Any]:
    number = Numbers.of(language).number
    key = {"indicator": row["indicator"], "ref_area": row["ref_area"], "time_window": window}
    return {
        "place": labels("ref_area", row["ref_area"]),
        **{name: row[name] for name in ("slope", "slope_low", "slope_high", "q_value", "n")},
        "trend": row["trend"] or "",
        "verdict": meaning("trend", row["trend"], language)
        if row["trend"]
        else words(language).gettext("no verdict"),
        "interval": f"{number(row['slope_low'])} … {number(row['slope_high'])}",
        "mark": marks.get(row["ref_area"], ""),
        "link": lineage_address("trend", key, language),
    }


def _marks(
    connection: Connection, declared: Declarations, parameters: Parameters, language: Language
) -> dict[str, str]:
    """The places that lead and lag in the megatrend of the address, if there is one."""
    if not parameters.get("megatrend"):
        return {}
    _ = words(language).gettext
    trend = declared.megatrend(parameters["megatrend"])
    key = {"city_group": declared.group(parameters.get("group")), "level": parameters.get("level")}
    key["time_window"] = declared.window(parameters.get("window"))
    for row in rows(connection, "web/megatrends", megatrend=trend.id):
        if all(row[column] == code for column, code in key.items()):
            leading = dict.fromkeys(row["leading_places"], _("leading"))
            return leading | dict.fromkeys(row["lagging_places"], _("lagging"))
    raise HTTPException(404, f"there is no verdict on {trend.id!r} for {key}. Next step: run refresh_reports")


def _verdict(row: dict[str, Any], language: Language) -> str:
    if row["verdict"]:
        return meaning("verdict", row["verdict"], language) or row["verdict"]
    return meaning("verdict_reason", row["verdict_reason"], language) or NOTHING


def _page(row: dict[str, Any], language: str) -> str:
    choice = {"window": row["time_window"], "group": row["city_group"], "level": row["level"]}
    return f"trends/{row['megatrend']}?{urlencode({**choice, 'language': language})}"
