"""The chart of the page Workbench."""

from typing import Any

import pandas as pd
from sqlalchemy import Connection

from city_indicators.core.errors import MethodError
from city_indicators.core.languages import Language, words
from city_indicators.delivery.charts import trial as charts
from city_indicators.delivery.charts.style import Caption
from city_indicators.delivery.web.charts import Drawing, Parameters, lineage_address, sources_line
from city_indicators.delivery.web.trial import opened
from city_indicators.warehouse.database import rows


def moves(connection: Connection, language: Language, parameters: Parameters) -> Drawing | None:
    """The ranks of a changed method beside the declared ones."""
    trial = opened(connection, parameters.get("rating", ""), parameters, language)
    if trial is None:
        return None
    try:
        made = trial.moves(connection)
    except MethodError:
        return None
    key = {"rating": trial.method.id, "time_period": trial.period}
    found = [
        {
            **{name: row[name] for name in ("city", "rank", "old_rank", "low", "high", "score")},
            "likely": "–" if row["low"] is None else f"{row['low']:.0f}–{row['high']:.0f}",
            "move": _move(row["rose"]),
            "link": lineage_address("rating", {**key, "ref_area": row["ref_area"]}, language),
        }
        for row in made
        if row["rank"] is not None
    ]
    _ = words(language).gettext
    texts = {
        "rank": _("New rank"),
        "old_rank": _("Declared rank"),
        "likely": _("Likely rank"),
        "rose": _("rose"),
        "fell": _("fell"),
        "same": _("same rank"),
        "new": _("newly ranked"),
    }
    subtitle = _(
        "Ring: declared rank; filled: new rank, with the interval of nine in ten simulated ranks. "
        "A reader's trial, not a published rating"
    )
    sources = rows(connection, "web/rating_sources", rating=trial.method.id, period=trial.period)
    title = f"{trial.method.name.in_language(language)}, {trial.period}"
    caption = Caption(title, subtitle, sources_line(sources, language))
    cities = pd.DataFrame(found)
    return Drawing(cities, caption, lambda width: charts.moves(cities, texts, caption, width))


def _move(rose: Any) -> str:
    if rose is None:
        return "new"
    return "rose" if rose > 0 else "fell" if rose < 0 else "same"
