"""The charts of the coverage of an edition: what each value rests on, and how old it is."""

from city_indicators.delivery.documents.shown import Shown
from city_indicators.delivery.web import coverage_charts
from city_indicators.delivery.web.charts import Drawing
from city_indicators.delivery.web.coverage import Coverage, of_rating


def bases(shown: Shown) -> Drawing:
    """What each value rests on."""
    return coverage_charts.of_heat_map(covered(shown), shown.labels, shown.language)


def ages(shown: Shown) -> Drawing:
    """How old each value is."""
    return coverage_charts.of_ages(covered(shown), shown.labels, shown.language)


def covered(shown: Shown) -> Coverage:
    """What each value of the edition rests on."""
    frozen = shown.frozen
    sources = {row["source"]: row for row in shown.sources}
    nothing = {"publisher": None, "licence": None}
    found = [
        {
            **row,
            **{name: sources.get(row["source"], nothing)[name] for name in nothing},
            "value_period": row["raw_time_period"],
            "city_level": row["geo_basis"] in frozen.reference.city_level,
            "has_value": row["normalised"] is not None,
        }
        for row in frozen.indicators.values()
    ]
    return of_rating(found, frozen.method, frozen.period, shown.labels, shown.language)
