"""The charts of the page of an indicator."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from string import ascii_uppercase
from typing import Any, Final, Self

import pandas as pd
from sqlalchemy import Connection

from city_indicators.core.languages import Language, words
from city_indicators.delivery.charts import indicator as charts
from city_indicators.delivery.charts.indicator import KINDS, OTHER, OWN
from city_indicators.delivery.charts.ranking import on_map
from city_indicators.delivery.charts.style import Caption
from city_indicators.delivery.exports.texts import codes, label_of
from city_indicators.delivery.numbers import Numbers
from city_indicators.delivery.web.charts import Chart, Drawing, Parameters, lineage_address, sources_line
from city_indicators.delivery.web.indicators import Latest, cities_of
from city_indicators.delivery.web.labels import Labels
from city_indicators.delivery.web.long_lists import A_PAGE, POINTS, limited
from city_indicators.warehouse.database import rows

KIND_OF_STATUS: Final = {"B": "break", "E": "estimated", "I": "estimated", "F": "projection"}
YEAR: Final = "YEAR"
"""The unit of values that are years."""


@dataclass(frozen=True)
class _Drawn:
    """The latest values of an indicator in the unit that charts draw.

    `chosen` are the parameters of statements on them, `sources` the rows of web/indicator_publishers.
    """

    indicator: str
    unit: str
    chosen: dict[str, Any]
    sources: list[dict[str, Any]]
    labels: Labels
    language: Language

    @classmethod
    def read(cls, connection: Connection, language: Language, parameters: Parameters) -> Self:
        indicator = parameters.get("indicator", "")
        latest = Latest.read(connection, indicator, parameters.get("group", ""))
        chosen = {**latest.chosen, "unit": latest.unit}
        sources = rows(connection, "web/indicator_publishers", **chosen)
        return cls(indicator, latest.unit, chosen, sources, Labels(connection, language), language)

    @property
    def texts(self) -> dict[str, str]:
        _ = words(self.language).gettext
        return {
            "value": self.labels("unit_measure", self.unit),
            "year": _("Year"),
            "basis": _("Geographic basis"),
            "places": _("Places"),
            "cities": _("Cities"),
            OWN: _("Measured for the city"),
            OTHER: _("Measured for its country, its region or another area"),
        }

    def caption(self, subtitle: str) -> Caption:
        return _caption(self.indicator, self.unit, subtitle, self.sources, self.labels, self.language)

    def shown(self, value: float) -> str:
        return _in_words(self.indicator, value, self.language)

    def link(self, city: str) -> str:
        key = {"ref_area": city, "indicator": self.indicator}
        return lineage_address("city_profile", key, self.language)

    def city(self, row: dict[str, Any]) -> dict[str, Any]:
        """The value of a city."""
        return {
            "name": self.labels("ref_area", row["ref_area"]),
            "value": row["obs_value"],
            "shown": self.shown(row["obs_value"]),
            "year": row["time_period"],
            "basis": self.labels("geo_basis", row["geo_basis"]),
            "level": OWN if row["city_level"] else OTHER,
            "link": self.link(row["ref_area"]),
        }

    def places(self, connection: Connection, most: int, spread: bool) -> tuple[pd.DataFrame, int]:
        """At most so many values, one of a country only once, with the number of its cities in brackets.

        They are the first, or evenly from all of them (`spread`). Also returns how many there are.
        """
        found = rows(connection, "web/indicator_places", **self.chosen, most=most, spread=spread)
        values = [
            self.city(row)
            if row["own"]
            else {
                **self.city(row),
                "name": f"{self.labels('ref_area', row['source_ref_area'])} ({row['cities']})",
            }
            for row in found
        ]
        return pd.DataFrame(values), found[0]["places"] if found else 0


def over_time(connection: Connection, language: Language, parameters: Parameters) -> Drawing | None:
    """The values of some cities by year."""
    indicator = parameters.get("indicator", "")
    unit = Latest.read(connection, indicator, "").unit
    cities = cities_of(connection, indicator, [parameters.get("cities", "")])
    found = rows(connection, "web/indicator_series", indicator=indicator, cities=cities)
    found = [row for row in found if row["unit_measure"] == unit]
    if not found:
        return None
    labels = Labels(connection, language)
    _ = words(language).gettext
    used = {row["source"] for row in found}
    sources = {
        row["source"]: row
        for row in rows(connection, "web/indicator_sources", indicator=indicator)
        if row["source"] in used
    }
    named = _series_names(found, {source: row["name"] for source, row in sources.items()}, labels)
    values = pd.DataFrame(
        {
            "city": labels("ref_area", row["city"]),
            "year": int(row["time_period"]),
            "value": row["obs_value"],
            "shown": _in_words(indicator, row["obs_value"], language),
            "series": named[row["source"], row["geo_basis"]],
            "own": row["city_level"],
            "kind": KIND_OF_STATUS.get(row["obs_status"], KINDS[0]),
            "link": _observation(indicator, row, language),
        }
        for row in sorted(found, key=lambda row: cities.index(row["city"]))
    )
    texts = {
        **{"value": labels("unit_measure", unit), "year": _("Year"), "series": _("Basis and source")},
        **{
            "status": _("Status of the value"),
            "observed": _("observed"),
            "estimated": _("estimated or imputed"),
        },
        **{"break": _("break in the series"), "projection": _("projection of the source")},
    }
    subtitle = _(
        "by year; all panels have one scale; lines end at breaks, and other sources or bases have their own"
    )
    caption = _caption(indicator, unit, subtitle, list(sources.values()), labels, language)
    draw = partial(charts.over_time, values, texts, caption, years=unit == YEAR)
    return Drawing(values, caption, draw)


def latest(connection: Connection, language: Language, parameters: Parameters) -> Drawing | None:
    """The latest values in order."""
    found = _Drawn.read(connection, language, parameters)
    values, places = found.places(connection, A_PAGE, spread=False)
    if values.empty:
        return None
    subtitle = words(language).gettext(
        "latest values; a country is shown once, with the number of its cities"
    )
    caption = found.caption(limited(subtitle, len(values), places, language))
    draw = partial(charts.latest, values, found.texts, caption, years=found.unit == YEAR)
    return Drawing(values, caption, draw)


def distribution(connection: Connection, language: Language, parameters: Parameters) -> Drawing | None:
    """How the latest values are distributed, and where some cities stand among them."""
    found = _Drawn.read(connection, language, parameters)
    _ = words(language).gettext
    if found.indicator in codes():
        counts = _counted(connection, found)
        caption = found.caption(_("latest values, by the number of cities"))
        return Drawing(counts, caption, partial(charts.shares, counts, found.texts, caption))
    values, places = found.places(connection, POINTS, spread=True)
    if values.empty:
        return None
    cities = cities_of(connection, found.indicator, [parameters.get("cities", "")])
    own = rows(connection, "web/indicator_latest", **found.chosen, cities=cities, most=len(cities), before=0)
    of_city = {row["ref_area"]: found.city(row) for row in own if row["unit_measure"] == found.unit}
    marked = pd.DataFrame([of_city[city] for city in cities if city in of_city], columns=values.columns)
    subtitle = _("latest values; a country counts once; below, the chosen cities")
    if len(values) < places:
        subtitle = _("%(subtitle)s. Drawn are %(shown)s of %(total)s places, evenly from all in order") % {
            "subtitle": subtitle,
            "shown": len(values),
            "total": places,
        }
    caption = found.caption(subtitle)
    draw = partial(charts.distribution, values, marked, found.texts, caption, years=found.unit == YEAR)
    return Drawing(values, caption, draw)


def on_the_map(connection: Connection, language: Language, parameters: Parameters) -> Drawing | None:
    """The cities' own latest values on a map."""
    found = _Drawn.read(connection, language, parameters)
    own = rows(connection, "web/indicator_map", **found.chosen, most=POINTS)
    if not own:
        return None
    _ = words(language).gettext
    values = pd.DataFrame(
        {
            "city": found.labels("ref_area", row["ref_area"]),
            **{name: row[name] for name in ("latitude", "longitude", "people")},
            "value": row["obs_value"],
            "link": found.link(row["ref_area"]),
        }
        for row in own
    )
    texts = {"value": found.texts["value"], "people": found.labels("indicator", "POP_AGGLO")}
    subtitle = _(
        "values of the cities themselves; the larger the point, the more people. Coastlines: Natural Earth"
    )
    caption = found.caption(limited(subtitle, len(values), own[0]["cities"], language))
    return Drawing(values, caption, partial(on_map, values, texts, caption))


CHARTS: Final[dict[str, Chart]] = {
    "indicator-over-time": over_time,
    "indicator-latest": latest,
    "indicator-distribution": distribution,
    "indicator-map": on_the_map,
}


def _counted(connection: Connection, found: _Drawn) -> pd.DataFrame:
    """How many cities have each value, the highest first, with their names, or with the first ones."""
    return pd.DataFrame(
        {
            "label": found.shown(row["obs_value"]),
            "cities": row["cities"],
            "names": ", ".join(sorted(found.labels("ref_area", city) for city in row["ref_areas"]))
            + (" …" if row["cities"] > A_PAGE else ""),
        }
        for row in rows(connection, "web/indicator_codes", **found.chosen, most=A_PAGE)
    )


def _series_names(
    found: list[dict[str, Any]], sources: Mapping[str, str], labels: Labels
) -> dict[tuple[str, str], str]:
    """The name of each source and basis, which begins with a letter if there are several."""
    ordered = sorted(found, key=lambda row: (row["preference"], row["precedence"], row["source"]))
    series = list(dict.fromkeys((row["source"], row["geo_basis"]) for row in ordered))
    letters = [f"{letter} " for letter in ascii_uppercase] if len(series) > 1 else [""]
    return {
        (source, basis): f"{letters[number % len(letters)]}{labels('geo_basis', basis)} · {sources[source]}"
        for number, (source, basis) in enumerate(series)
    }


def _observation(indicator: str, row: dict[str, Any], language: Language) -> str:
    key = {"indicator": indicator, **{name: row[name] for name in ("ref_area", "time_period", "source")}}
    return lineage_address("observation", key, language)


def _in_words(indicator: str, value: float, language: Language) -> str:
    return label_of(indicator, value, language) or Numbers.of(language).number(value)


def _caption(
    indicator: str,
    unit: str,
    subtitle: str,
    sources: list[dict[str, Any]],
    labels: Labels,
    language: Language,
) -> Caption:
    named = [{key: row[key] for key in ("publisher", "licence")} for row in sources]
    distinct = [row for place, row in enumerate(named) if row not in named[:place]]
    of_unit = "" if unit == "CODE" else f"{labels('unit_measure', unit)}, "
    return Caption(labels("indicator", indicator), f"{of_unit}{subtitle}", sources_line(distinct, language))
