"""The charts of the coverage of an edition: what each value rests on, and how old it is."""

from dataclasses import replace

import pandas as pd

from city_indicators.analytics.ratings.coverage import coverage_tables
from city_indicators.delivery.documents.shown import Shown
from city_indicators.delivery.web import coverage_charts
from city_indicators.delivery.web.charts import Drawing
from city_indicators.delivery.web.coverage import Coverage, Reported, of_rating
from city_indicators.delivery.web.long_lists import A_PAGE
from city_indicators.warehouse.database import rows_of


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
    city_level = frozen.reference.city_level
    found = list(frozen.indicators.values())
    indicators = pd.DataFrame(found).assign(time_period=frozen.period)
    tables = coverage_tables(frozen.method, indicators, city_level)
    cities = rows_of(tables["city_coverage"])
    values = [
        {
            **row,
            "value_period": row["raw_time_period"],
            "city_level": row["geo_basis"] in city_level,
            "has_value": row["normalised"] is not None,
        }
        for row in found
    ]
    reported = Reported(
        rows_of(tables["indicator_coverage"]),
        sorted(
            cities,
            key=lambda row: (-round(row["share_city_level"], 9), shown.labels("ref_area", row["ref_area"])),
        ),
        values,
        shown.sources,
    )
    return of_rating(frozen.method, frozen.period, reported, shown.labels, shown.language)
