"""The charts of megatrends, from what was known to an edition."""

from city_indicators.delivery.documents.shown import Shown
from city_indicators.delivery.web.charts import Drawing
from city_indicators.delivery.web.trend_charts import of_balance
from city_indicators.delivery.web.trends import Declarations, declared_in


def balance(shown: Shown, level: str, window: str) -> Drawing | None:
    """The places for and against each megatrend; None if no place was assessed.

    Raises:
        LookupError: megatrends were not computed before the edition.
    """
    found = [
        {**row, "places_none": row["places_assessed"] - row["places_for"] - row["places_against"]}
        for row in shown.trends.megatrends
        if (row["level"], row["time_window"]) == (level, window)
    ]
    declared = declared_of(shown)
    used = [row for row in shown.trends.sources if row["trends"]]
    sources = sorted(used, key=lambda row: (-row["trends"], row["publisher"]))
    return of_balance(declared, found, level, window, sources, shown.language)


def assessed(shown: Shown) -> list[tuple[str, str]]:
    """The levels and windows in which a place was assessed for a megatrend, in the order of the declaration.

    Raises:
        LookupError: megatrends were not computed before the edition.
    """
    declared = declared_of(shown)
    known = {(row["level"], row["time_window"]) for row in shown.trends.megatrends if row["places_assessed"]}
    return [
        (level, window)
        for level in declared.levels
        for window in declared.windows
        if (level, window) in known
    ]


def declared_of(shown: Shown) -> Declarations:
    """What the trends were computed with."""
    return declared_in(shown.trends.declared, shown.frozen.reference, shown.language)
