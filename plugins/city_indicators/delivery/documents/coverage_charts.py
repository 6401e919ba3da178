"""The charts of the coverage of an edition: what each value rests on, and how old it is."""

from dataclasses import replace

from city_indicators.delivery.documents.shown import Shown
from city_indicators.delivery.web import coverage_charts
from city_indicators.delivery.web.charts import Drawing
from city_indicators.delivery.web.coverage import Coverage, of_rating
from city_indicators.delivery.web.long_lists import A_PAGE


def bases(shown: Shown) -> Drawing:
    """What each value rests on."""
    return coverage_charts.of_heat_map(_drawn(shown), shown.labels, shown.language)


def ages(shown: Shown) -> Drawing:
    """How old each value is."""
    return coverage_charts.of_ages(_drawn(shown), shown.labels, shown.language)


def _drawn(shown: Shown) -> Coverage:
    """The cities that fit into a chart, those with the most values of their own."""
    found = covered(shown)
    return replace(found, cities=found.cities[:A_PAGE])


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
