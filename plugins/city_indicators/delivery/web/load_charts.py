"""The chart of a load: its revised values against those before."""

from collections.abc import Mapping
from typing import Any, Final

import pandas as pd
from sqlalchemy import Connection

from city_indicators.core.archive import Archive
from city_indicators.core.languages import Language, words
from city_indicators.delivery.charts import loads as drawn
from city_indicators.delivery.charts.style import Caption
from city_indicators.delivery.numbers import Numbers
from city_indicators.delivery.web.charts import Chart, Drawing, Parameters, lineage_address, sources_line
from city_indicators.delivery.web.labels import Labels
from city_indicators.delivery.web.load_changes import changes_of
from city_indicators.delivery.web.loads import lineage_of, load_of
from city_indicators.delivery.web.pages import Services

MOST: Final = 5000
"""Points of the chart."""


def charts_of(services: Services) -> dict[str, Chart]:
    """The charts by name."""

    def revised(connection: Connection, language: Language, parameters: Parameters) -> Drawing | None:
        return revised_values(connection, services.archive(), language, parameters)

    return {"revised-values": revised}


def revised_values(
    connection: Connection, archive: Archive, language: Language, parameters: Parameters
) -> Drawing | None:
    """The values of one indicator that a load revised or would revise, in one unit, against those before."""
    number = parameters.get("load", "")
    if not number.isdecimal():
        return None
    load = load_of(connection, int(number))
    rows = changes_of(connection, archive, load, MOST).rows
    if rows.empty:
        return None
    found = rows[
        (rows["outcome"] == "revised")
        & (rows["unit_before"] == rows["unit_after"])
        & (rows["indicator"] == parameters.get("indicator"))
    ]
    if found.empty:
        return None
    _ = words(language).gettext
    labels = Labels(connection, language)
    values = pd.DataFrame(
        {
            "place": [labels("ref_area", place) for place in found["ref_area"]],
            "year": found["time_period"].to_numpy(),
            "before": found["value_before"].astype(float).to_numpy(),
            "after": found["value_after"].astype(float).to_numpy(),
            "link": [_link(row, load, language) for row in found.to_dict("records")],
        }
    )
    unit = labels("unit_measure", found["unit_after"].iloc[0])
    texts = {
        "year": _("Year"),
        "before": _("Before the load, %s") % unit,
        "after": _("With the load, %s") % unit,
        "change": _("Relative change"),
        "label": Numbers.of(language).axis_label(),
    }
    described = _("Revised values against those before, %(unit)s; on the dashed line nothing changed") % {
        "unit": unit
    }
    title = _("Load %(load)s: %(indicator)s") % {
        "load": number,
        "indicator": labels("indicator", parameters["indicator"]),
    }
    caption = Caption(title, described, sources_line([load], language))
    return Drawing(values, caption, lambda width: drawn.old_against_new(values, texts, caption, width))


def _link(row: Mapping[Any, Any], load: dict[str, Any], language: str) -> str:
    lineage = lineage_of(row, load)
    return lineage_address(*lineage, language) if lineage else ""
