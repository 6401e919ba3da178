"""Two or more cities beside each other: values of an edition, and whether they are comparable."""

from functools import partial

import pandas as pd

from city_indicators.delivery.charts import comparison
from city_indicators.delivery.charts.style import Caption
from city_indicators.delivery.documents.edition import Row
from city_indicators.delivery.documents.shown import Shown
from city_indicators.delivery.exports.texts import meaning
from city_indicators.delivery.web.charts import Drawing
from city_indicators.warehouse.database import rows


def values(shown: Shown, indicator: str, cities: list[str]) -> list[Row] | None:
    """The rows of an indicator of some cities; None unless each has a value.

    Raises:
        LookupError: the edition lacks a city.
    """
    found = [shown.frozen.indicators.get((shown.city(city)["ref_area"], indicator)) for city in cities]
    present = [row for row in found if row is not None and row["normalised"] is not None]
    return present if len(present) == len(cities) else None


def incomparable(shown: Shown, indicator: str, cities: list[str]) -> list[str]:
    """Why values of an indicator are not comparable, as codes of incomparable_because; empty if they are."""
    if values(shown, indicator, cities) is None:
        return ["no_value"]
    row = shown.frozen.row
    key = {"rating": row["rating"], "edition": row["edition"], "indicator": indicator, "cities": cities}
    return [reason["code"] for reason in rows(shown.connection, "documents/incomparable", **key)]


def positions(shown: Shown, cities: list[str]) -> Drawing | None:
    """The points of each city in each indicator that all of them have, on one scale."""
    _ = shown.words.gettext
    names = [shown.name(shown.city(city)) for city in cities]
    points = [
        row
        for part in shown.parts.values()
        if part.kind == "indicator" and (found := values(shown, part.id, cities))
        for row in _points(shown, part.id, found, cities)
    ]
    if not points:
        return None
    texts = {
        "position": _("Points, from 0 (lower end of the scale) to 1 (upper end)"),
        "value": _("Value"),
        "rank": _("Year"),
        "why": _("Why not comparable"),
        "comparable": _("Comparable values"),
        "not_comparable": _("Values that are not comparable; the table has the reasons"),
    }
    caption = Caption(
        " – ".join(names), _("Points of the indicators on the scale of the method"), shown.rated.sources
    )
    drawn = pd.DataFrame(points)
    return Drawing(drawn, caption, partial(comparison.positions, drawn, names, texts, caption))


def _points(shown: Shown, indicator: str, found: list[Row], cities: list[str]) -> list[Row]:
    low, high = shown.frozen.method.scale
    reasons = incomparable(shown, indicator, cities)
    why = (meaning("incomparable_because", reason, shown.language) or reason for reason in reasons)
    common = {
        "indicator": shown.parts[indicator].name,
        "comparable": not reasons,
        "why": shown.numbers.enumeration(why) if reasons else "–",
        "link": "",
    }
    return [
        {
            **common,
            "city": shown.name(shown.city(row["ref_area"])),
            "position": (row["normalised"] - low) / (high - low),
            "shown": shown.value(indicator, row["raw_value"], row["unit_measure"]),
            "place": row["raw_time_period"],
        }
        for row in found
    ]
