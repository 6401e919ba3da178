"""The charts of the page of a city."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd
from sqlalchemy import Connection

from city_indicators.core.languages import Language, words
from city_indicators.delivery.charts import city as drawn
from city_indicators.delivery.charts.style import Caption
from city_indicators.delivery.numbers import Numbers
from city_indicators.delivery.web.charts import Chart, Drawing, Parameters, lineage_address, sources_line
from city_indicators.delivery.web.digits import sensible
from city_indicators.delivery.web.labels import Labels
from city_indicators.delivery.web.ratings import MAIN
from city_indicators.reports.past import methods_as_of
from city_indicators.warehouse.database import rows

LEAST_YEARS: Final = 3
"""Years with a value from which an indicator is shown over time."""
AREAS: Final = ("country", "region")
"""The geographic bases that are not the city's own, which a panel names."""


@dataclass(frozen=True)
class Subject:
    """The city that a chart is of, in the language of a reader."""

    ref_area: str
    labels: Labels
    language: str

    @property
    def name(self) -> str:
        """Its name."""
        return self.labels("ref_area", self.ref_area)


def ranks(connection: Connection, language: Language, parameters: Parameters) -> Drawing | None:
    """The ranks of a city in all ratings; lines end where years are not comparable."""
    city = Subject(parameters.get("city", ""), Labels(connection, language), language)
    methods = methods_as_of(connection)
    chosen = {"ref_area": city.ref_area, "ratings": list(methods)}
    listed = rows(connection, "web/ranks_over_years", ratings=list(methods), cities=[city.ref_area])
    found = pd.DataFrame(listed)
    if found.empty:
        return None
    found = found.sort_values("rating", key=lambda rating: rating != MAIN, kind="stable", ignore_index=True)
    names = {each.id: each.name.in_language(language) for each in methods.values()}
    sources = sources_line(rows(connection, "web/city_rank_sources", **chosen), language)
    return of_ranks(city, found, names, words(language).gettext("ranks in all ratings"), sources)


def of_ranks(
    city: Subject, found: pd.DataFrame, names: Mapping[str, str], about: str, sources: list[str]
) -> Drawing:
    """The ranks of a city by rows of web/ranks_over_years; `names` are those of the ratings."""
    _ = words(city.language).gettext
    shown = pd.DataFrame(
        {
            "rating": found["rating"].map(names),
            "year": found["time_period"].astype(int),
            **{name: found[name] for name in ("rank", "n_ranked", "rank_p05", "rank_p95")},
            "likely": [likely(row) for row in found.to_dict("records")],
            "segment": (~found["comparable"]).cumsum(),
            "link": [
                lineage_address(
                    "rating",
                    {"rating": rating, "time_period": year, "ref_area": city.ref_area},
                    city.language,
                )
                for rating, year in zip(found["rating"], found["time_period"], strict=True)
            ],
        }
    )
    texts = {
        "rank": _("Rank"),
        "likely": _("Likely rank"),
        "year": _("Year"),
        "ranked": _("Cities ranked"),
    }
    subtitle = _(
        "Rank by year with the interval of nine in ten simulated ranks; dashed: the number of cities ranked. "
        "A line ends where a year is not comparable with the one before"
    )
    years = f"{found['time_period'].min()}–{found['time_period'].max()}"
    caption = Caption(f"{city.name}: {about}, {years}", subtitle, sources)
    return Drawing(shown, caption, lambda width: drawn.ranks_by_rating(shown, texts, caption, width))


def peers(connection: Connection, language: Language, parameters: Parameters) -> Drawing | None:
    """Where the latest values of a city stand among those of its peers and of all cities."""
    city = parameters.get("city", "")
    found = rows(connection, "web/city_among_all", ref_area=city)
    if not found:
        return None
    _ = words(language).gettext
    labels = Labels(connection, language)
    shown = pd.DataFrame([_placed(row, city, labels, language) for row in found])
    texts = {
        "city": labels("ref_area", city),
        "peer": _("similar cities"),
        "other": _("all others"),
        "share": _("Place among all cities"),
        "value": _("Value"),
        "year": _("Year"),
        "better": _("share of the other cities that do worse; further right is better"),
        "larger": _("share of the other cities with a smaller value; neither direction is better"),
    }
    subtitle = _(
        "Each dot is the latest value of a city, placed by the share of the other cities it exceeds; equal "
        "values count half. National values are the same for all cities of a country"
    )
    if (step := max(row["step"] for row in found)) > 1:
        subtitle = _("%(subtitle)s. Of the others, up to one in %(step)s is drawn") % {
            "subtitle": subtitle,
            "step": step,
        }
    about = _("among similar cities and all others")
    title = f"{texts['city']}: {about}"
    caption = Caption(title, subtitle, _sources(connection, city, language))
    return Drawing(shown, caption, lambda width: drawn.among_peers(shown, texts, caption, width))


def series(connection: Connection, language: Language, parameters: Parameters) -> Drawing | None:
    """The indicators of a city over time."""
    city = Subject(parameters.get("city", ""), Labels(connection, language), language)
    found = over_time(rows(connection, "web/city_series", ref_area=city.ref_area))
    return of_series(city, found, _sources(connection, city.ref_area, language)) if found else None


def of_series(city: Subject, lines: list[dict[str, Any]], sources: list[str]) -> Drawing:
    """The indicators of a city over time, by `lines` as of `over_time`."""
    _, labels = words(city.language).gettext, city.labels
    found = pd.DataFrame(lines)
    units = {unit: labels("unit_measure", unit) for unit in found["unit_measure"].unique()}
    shown = pd.DataFrame(
        {
            "indicator": [
                f"{labels('indicator', indicator)}, {units[unit]}"
                + (f" ({labels('geo_basis', basis)})" if basis in AREAS else "")
                for indicator, unit, basis in zip(
                    found["indicator"], found["unit_measure"], found["geo_basis"], strict=True
                )
            ],
            "year": found["time_period"].astype(int),
            "value": found["obs_value"],
            **{name: found[name] for name in ("obs_status", "projected", "segment")},
            "link": [observation_address(row, city.language) for row in lines],
        }
    )
    texts = {"year": _("Year"), "value": _("Value"), "label": Numbers.of(city.language).axis_label()}
    subtitle = _(
        "Each panel has its own scale, which need not begin at zero. Dashed: projections. A line ends where "
        "its source declares a break in the series"
    )
    about = _("indicators over time")
    caption = Caption(f"{city.name}: {about}", subtitle, sources)
    return Drawing(shown, caption, lambda width: drawn.sparklines(shown, texts, caption, width))


def stripes(connection: Connection, language: Language, parameters: Parameters) -> Drawing | None:
    """The annual mean temperatures of a city, compared with the normal of 2001-2020."""
    city = parameters.get("city", "")
    found = preferred(rows(connection, "web/city_temperatures", ref_area=city))
    compared = [row for row in found if row["difference"] is not None]
    if not compared:
        return None
    _ = words(language).gettext
    labels = Labels(connection, language)
    shown = pd.DataFrame(
        {
            "year": row["time_period"],
            "value": row["obs_value"],
            "difference": row["difference"],
            "link": lineage_address("climate_change", temperature_key(row, city), language),
        }
        for row in compared
    )
    texts = {
        "year": _("Year"),
        "value": labels("indicator", "T_MEAN_YEAR"),
        "difference": _("Difference from the mean of 2001–2020, °C"),
    }
    years = f"{compared[0]['time_period']}–{compared[-1]['time_period']}"
    title = f"{labels('ref_area', city)}: {texts['value']}, {years}"
    subtitle = _(
        "A stripe is a year: the redder the warmer, the bluer the colder than the mean of 2001–2020, °C"
    )
    caption = Caption(title, subtitle, sources_line(compared[:1], language))
    return Drawing(shown, caption, lambda width: drawn.stripes(shown, texts, caption, width))


CHARTS: Final[dict[str, Chart]] = {
    "city-ranks": ranks,
    "city-peers": peers,
    "city-series": series,
    "climate-stripes": stripes,
}


def likely(row: Mapping[Any, Any]) -> str:
    """The interval of the likely ranks as text; a dash if there is none."""
    low, high = row["rank_p05"], row["rank_p95"]
    return "–" if pd.isna(low) or pd.isna(high) else f"{low:.0f}–{high:.0f}"


def preferred(temperatures: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The years of the first source with a complete normal, or else of the first one."""
    complete = [row for row in temperatures if row["difference"] is not None] or temperatures
    return [row for row in temperatures if row["source"] == complete[0]["source"]] if complete else []


def temperature_key(row: Mapping[str, Any], city: str) -> dict[str, str]:
    """The key of a year in report.climate_change."""
    year = {"time_period": row["time_period"], "source": row["source"]}
    return {"ref_area": city, "indicator": "T_MEAN_YEAR", **year}


def observation_address(row: Mapping[Any, Any], language: str) -> str:
    """The address of the lineage of an observation of a series."""
    key = {name: str(row[name]) for name in ("indicator", "time_period", "source")}
    return lineage_address("observation", {"ref_area": row["source_ref_area"], **key}, language)


def over_time(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The observations of indicators with enough years, as lines.

    A break in the series begins another `segment`. `projected` rows repeat the last observed one, so that
    their line begins there.
    """
    lines: list[dict[str, Any]] = []
    for indicator in dict.fromkeys(row["indicator"] for row in found):
        own = [row for row in found if row["indicator"] == indicator]
        observed = [row for row in own if row["obs_status"] != "F"]
        if len(observed) < LEAST_YEARS:
            continue
        segment = 0
        for place, row in enumerate(observed):
            segment += row["obs_status"] == "B" and place > 0
            lines.append({**row, "projected": False, "segment": segment})
        later = [
            row
            for row in own
            if row["obs_status"] == "F" and row["time_period"] > observed[-1]["time_period"]
        ]
        lines += [
            {**row, "projected": True, "segment": segment} for row in (observed[-1:] if later else []) + later
        ]
    return lines


def _placed(row: dict[str, Any], city: str, labels: Labels, language: str) -> dict[str, Any]:
    kind = "city" if row["ref_area"] == city else "peer" if row["peer_position"] else "other"
    shown = sensible(row["obs_value"], row["unit_measure"], row["indicator"], language)
    unit = (
        "" if row["unit_measure"] in ("CODE", "YEAR") else f" {labels('unit_measure', row['unit_measure'])}"
    )
    key = {"ref_area": row["ref_area"], "indicator": row["indicator"]}
    return {
        "indicator": labels("indicator", row["indicator"]),
        "directed": row["direction"] != "context",
        "city": labels("ref_area", row["ref_area"]),
        "kind": kind,
        "share": 1 - row["share"] if row["direction"] == "lower" else row["share"],
        "value": f"{shown}{unit} ({labels('geo_basis', row['geo_basis'])})",
        "year": row["time_period"],
        "link": lineage_address("city_profile", key, language),
    }


def _sources(connection: Connection, city: str, language: Language) -> list[str]:
    return sources_line(rows(connection, "web/city_sources", ref_area=city), language)
