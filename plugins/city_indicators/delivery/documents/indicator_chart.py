"""The chart of an indicator: the values of an edition in order, or how many cities have each code."""

from functools import partial
from typing import Any

import pandas as pd

from city_indicators.delivery.charts import indicator as charts
from city_indicators.delivery.charts.indicator import OTHER, OWN
from city_indicators.delivery.charts.style import Caption
from city_indicators.delivery.documents.edition import Row
from city_indicators.delivery.documents.shown import Shown
from city_indicators.delivery.exports.texts import codes
from city_indicators.delivery.web.charts import Drawing, sources_line

YEAR = "YEAR"
"""The unit of values that are years."""


def of_indicator(shown: Shown, indicator: str) -> Drawing | None:
    """The values of an indicator, the highest first; None if the edition has none.

    Raises:
        LookupError: the method does not have the indicator.
    """
    _ = shown.words.gettext
    part = shown.part(indicator)
    found = sorted(shown.values_of(indicator), key=lambda row: (-row["raw_value"], row["ref_area"]))
    if not found:
        return None
    unit = found[0]["unit_measure"]
    texts = {
        "value": shown.labels("unit_measure", unit),
        "year": _("Year"),
        "basis": _("Geographic basis"),
        "places": _("Places"),
        "cities": _("Cities"),
        OWN: _("Measured for the city"),
        OTHER: _("Measured for its country, its region or another area"),
    }
    used = {row["source"] for row in found}
    sources = sources_line([row for row in shown.sources if row["source"] in used], shown.language)
    subtitle = _("values of the edition")
    caption = Caption(part.name, subtitle if unit == "CODE" else f"{texts['value']}, {subtitle}", sources)
    if indicator in codes():
        counts = _counted(shown, found)
        return Drawing(counts, caption, partial(charts.shares, counts, texts, caption))
    values = pd.DataFrame([_listed(shown, row) for row in found])
    return Drawing(values, caption, partial(charts.latest, values, texts, caption, years=unit == YEAR))


def _listed(shown: Shown, row: Row) -> dict[str, Any]:
    return {
        "name": shown.name(shown.frozen.cities[row["ref_area"]]),
        "value": row["raw_value"],
        "shown": shown.value(row["indicator"], row["raw_value"], row["unit_measure"]),
        "year": row["raw_time_period"],
        "basis": shown.labels("geo_basis", row["geo_basis"]),
        "level": OWN if row["geo_basis"] in shown.frozen.reference.city_level else OTHER,
        "link": "",
    }


def _counted(shown: Shown, found: list[Row]) -> pd.DataFrame:
    """How many cities have each value, the highest first, with their names."""
    of_value: dict[str, list[str]] = {}
    for row in found:
        text = shown.value(row["indicator"], row["raw_value"], row["unit_measure"])
        of_value.setdefault(text, []).append(shown.name(shown.frozen.cities[row["ref_area"]]))
    return pd.DataFrame(
        {"label": label, "cities": len(cities), "names": ", ".join(sorted(cities))}
        for label, cities in of_value.items()
    )
