"""The charts of the page Coverage."""

from collections.abc import Callable
from functools import partial
from typing import Any, Final

import pandas as pd
from sqlalchemy import Connection

from city_indicators.core.languages import Language, words
from city_indicators.delivery.charts import coverage as drawn
from city_indicators.delivery.charts.style import Caption
from city_indicators.delivery.numbers import NOTHING
from city_indicators.delivery.web.charts import Chart, Drawing, Parameters, lineage_address, sources_line
from city_indicators.delivery.web.coverage import RESTS_ON, Coverage, coverage_of, options_of
from city_indicators.delivery.web.labels import Labels
from city_indicators.delivery.web.long_lists import limited


def heat_map(connection: Connection, language: Language, parameters: Parameters) -> Drawing | None:
    """What each value rests on, by city and indicator."""
    labels = Labels(connection, language)
    found = _found(connection, parameters, labels, language)
    return of_heat_map(found, labels, language) if found else None


def of_heat_map(found: Coverage, labels: Labels, language: str) -> Drawing:
    """What each value rests on, by city and indicator."""
    about = words(language).gettext(
        "What each value rests on; cities by their share of city-level values, indicators by weight"
    )
    return _tiles(drawn.heat_map, found, about, labels, language)


def of_ages(found: Coverage, labels: Labels, language: str) -> Drawing:
    """How old each value is, by city and indicator."""
    about = words(language).gettext(
        "Age of each value in years; cities by their share of city-level values, indicators by weight"
    )
    return _tiles(drawn.ages, found, about, labels, language)


def _tiles(
    draw: Callable[..., dict[str, Any]], found: Coverage, about: str, labels: Labels, language: str
) -> Drawing:
    cells = cells_of(found, labels, language)
    order = {
        "city": [city["name"] for city in found.cities],
        "indicator": [indicator["name"] for indicator in found.indicators],
    }
    _ = words(language).gettext
    texts = _names(language) | {
        "basis": _("Geographic basis"),
        "year": _("Year"),
        "age": _("Age in years"),
        "pillar": _("Pillar"),
        "weight": _("Weight"),
    }
    caption = _caption(found, about, language)
    return Drawing(cells, caption, partial(draw, cells, order, texts, caption))


def cells_of(found: Coverage, labels: Labels, language: str) -> pd.DataFrame:
    """A row for each city and indicator."""
    return pd.DataFrame(
        [
            {
                "city": city["name"],
                "indicator": indicator["name"],
                "pillar": indicator["pillar"],
                "rests_on": each["rests_on"],
                "basis": labels("geo_basis", each["geo_basis"]),
                "year": each["value_period"] or NOTHING,
                "age": each["age"],
                "weight": indicator["weight"],
                "link": _value(found, city["ref_area"], indicator["id"], language)
                if each["value_period"]
                else None,
            }
            for city in found.cities
            for indicator in found.indicators
            for each in [found.cells[city["ref_area"], indicator["id"]]]
        ]
    )


def shares(connection: Connection, language: Language, parameters: Parameters) -> Drawing | None:
    """The share of the weight by what values rest on."""
    labels = Labels(connection, language)
    found = _found(connection, parameters, labels, language)
    if found is None:
        return None
    _ = words(language).gettext
    parts = pd.DataFrame(
        [
            {
                "city": city["name"],
                "rests_on": code,
                "share": city["shares"][code],
                "place": place,
                "link": _score(found, city["ref_area"], language),
            }
            for city in found.cities
            for place, code in enumerate(RESTS_ON)
        ]
    )
    rated = bool(found.choice["rating"])
    about = (
        _("Share of the weight in the score, if nothing were missing")
        if rated
        else _("Share of the indicators")
    )
    texts = _names(language) | {"share": about}
    caption = _caption(found, about, language)
    cities = [city["name"] for city in found.cities]
    return Drawing(parts, caption, lambda width: drawn.shares(parts, cities, texts, caption, width))


CHARTS: Final[dict[str, Chart]] = {"coverage-map": heat_map, "coverage-shares": shares}


def _found(
    connection: Connection, parameters: Parameters, labels: Labels, language: Language
) -> Coverage | None:
    options = options_of(connection, parameters, labels, language)
    found = coverage_of(connection, options, labels, language) if options else None
    return found if found and found.cells else None


def _caption(found: Coverage, about: str, language: str) -> Caption:
    subtitle = limited(about, len(found.cities), found.total, language)
    return Caption(found.title, subtitle, sources_line(found.sources, language))


def _names(language: str) -> dict[str, str]:
    return {code: words(language).gettext(name) for code, (_, name) in RESTS_ON.items()}


def _value(found: Coverage, city: str, indicator: str, language: str) -> str:
    if not found.choice["rating"]:
        return lineage_address("city_profile", {"ref_area": city, "indicator": indicator}, language)
    key = {"rating": found.choice["rating"], "time_period": found.choice["period"]}
    return lineage_address("rating_indicator", {**key, "ref_area": city, "indicator": indicator}, language)


def _score(found: Coverage, city: str, language: str) -> str:
    if not found.choice["rating"]:
        return f"city/{city}?language={language}"
    key = {"rating": found.choice["rating"], "time_period": found.choice["period"], "ref_area": city}
    return lineage_address("rating", key, language)
