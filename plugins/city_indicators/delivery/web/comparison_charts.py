"""The chart of the page Compare; ranks over the years are a chart of the ratings."""

from functools import partial
from typing import Any, Final

import pandas as pd
from sqlalchemy import Connection

from city_indicators.core.languages import Language, words
from city_indicators.delivery.charts import comparison
from city_indicators.delivery.charts.style import Caption
from city_indicators.delivery.exports.texts import label_of, meaning
from city_indicators.delivery.numbers import Numbers
from city_indicators.delivery.web.charts import Chart, Drawing, Parameters, lineage_address, sources_line
from city_indicators.delivery.web.choices import chosen_cities
from city_indicators.delivery.web.comparison import DEFAULT, LEAST, MOST, Compared, compared
from city_indicators.delivery.web.labels import Labels
from city_indicators.warehouse.database import rows


def positions(connection: Connection, language: Language, parameters: Parameters) -> Drawing | None:
    """The position of each city among all cities, indicator by indicator."""
    cities = chosen_cities(connection, [parameters.get("cities", "")], LEAST, MOST) or list(DEFAULT)
    listed = compared(rows(connection, "web/compare", cities=cities), cities)
    labels = Labels(connection, language)
    points = pd.DataFrame(
        point for each in listed for point in _points(each, labels, language) if point["position"] is not None
    )
    if points.empty:
        return None
    _ = words(language).gettext
    texts = {
        **{
            "position": _("Position among all cities, from 0 (last) to 1 (best)"),
            "value": _("Value"),
            "rank": _("Rank"),
        },
        **{"why": _("Why not comparable"), "comparable": _("Comparable values")},
        "not_comparable": _("Values that are not comparable; the table has the reasons"),
    }
    subtitle = _(
        "Each indicator by its rank among the latest values of all cities in one unit: 1 the best, 0 the "
        "last; equal values share the better rank. Context indicators have no rank: the table has them"
    )
    named = [labels("ref_area", city) for city in cities]
    caption = Caption(
        " – ".join(named),
        subtitle,
        sources_line(rows(connection, "web/compare_sources", cities=cities), language),
    )
    return Drawing(points, caption, partial(comparison.positions, points, named, texts, caption))


CHARTS: Final[dict[str, Chart]] = {"compare": positions}


def _points(each: Compared, labels: Labels, language: Language) -> list[dict[str, Any]]:
    show = Numbers.of(language)
    why = (meaning("incomparable_because", reason, language) or reason for reason in each.why)
    common = {
        "indicator": labels("indicator", each.indicator),
        "comparable": each.comparable,
        "why": show.enumeration(why) if each.why else "–",
    }
    return [
        {
            **common,
            "city": labels("ref_area", city),
            "position": each.position(city),
            "shown": label_of(each.indicator, value["obs_value"], language)
            or show.number(value["obs_value"]),
            "place": words(language).gettext("%(n)s of %(all)s")
            % {"n": value["rank"], "all": each.ranked.get(value["unit_measure"])},
            "link": lineage_address(
                "city_profile", {"ref_area": city, "indicator": each.indicator}, language
            ),
        }
        for city, value in each.of_city.items()
    ]
