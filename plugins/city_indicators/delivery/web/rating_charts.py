"""The charts of the page City ratings."""

from collections.abc import Mapping
from typing import Any, Final

import pandas as pd
from sqlalchemy import Connection

from city_indicators.analytics.ratings.method import Method
from city_indicators.core.languages import Language, words
from city_indicators.delivery.charts import ranking
from city_indicators.delivery.charts.style import SERIES, Caption
from city_indicators.delivery.web.charts import Chart, Drawing, lineage_address, sources_line
from city_indicators.delivery.web.labels import Labels
from city_indicators.delivery.web.ratings import parts_of
from city_indicators.reports.past import methods_as_of
from city_indicators.warehouse.database import rows

Parameters = Mapping[str, str]


def ranks(connection: Connection, language: Language, parameters: Parameters) -> Drawing | None:
    """The ranks of one year with the ranks that are likely."""
    method = _method(connection, parameters)
    if method is None:
        return None
    _ = words(language).gettext
    labels = Labels(connection, language)
    key = {"rating": method.id, "period": parameters.get("period", "")}
    group = parameters.get("group")
    found = [
        {
            "city": labels("ref_area", row["ref_area"]),
            **{name: row[name] for name in ("rank", "rank_p05", "rank_p95", "score")},
            "likely": f"{row['rank_p05']:.0f}–{row['rank_p95']:.0f}" if row["rank_p05"] is not None else "–",
            "share": row["city_level_weight"],
            "link": _lineage(method.id, key["period"], row["ref_area"], language),
        }
        for row in rows(connection, "web/rating", **key)
        if row["rank"] is not None and (not group or group in row["city_groups"])
    ]
    texts = {
        "rank": _("Rank"),
        "likely": _("Likely rank"),
        "score": _("Score"),
        "share": _("City-level share by weight"),
    }
    subtitle = _(
        "Rank, and the interval of nine in ten simulated ranks; the bluer, the more values are the city's own"
    )
    caption = _caption(connection, method, language, key, subtitle)
    cities = pd.DataFrame(found)
    return Drawing(cities, caption, lambda width: ranking.likely_ranks(cities, texts, caption, width))


def contributions(connection: Connection, language: Language, parameters: Parameters) -> Drawing | None:
    """What the scores of one year are made of."""
    method = _method(connection, parameters)
    if method is None:
        return None
    _ = words(language).gettext
    labels = Labels(connection, language)
    key = {"rating": method.id, "period": parameters.get("period", "")}
    ranked = [row["ref_area"] for row in rows(connection, "web/rating", **key) if row["rank"] is not None]
    parts = {each["id"]: (place, each) for place, each in enumerate(parts_of(method, labels, language))}
    place_of = {city: place for place, city in enumerate(ranked)}
    found = [
        {
            "city": labels("ref_area", row["ref_area"]),
            "part": part["name"],
            "value": row["contribution"] or 0.0,
            "place": place,
            "link": lineage_address(
                f"rating_{part['kind']}",
                {
                    **{"rating": method.id, "time_period": key["period"]},
                    **{"ref_area": row["ref_area"], part["kind"]: part["id"]},
                },
                language,
            ),
        }
        for row in sorted(
            (each for each in rows(connection, "web/rating_parts", **key) if each["ref_area"] in place_of),
            key=lambda row: (place_of[row["ref_area"]], parts[row["part"]][0]),
        )
        for place, part in [parts[row["part"]]]
    ]
    segments = pd.DataFrame(found)
    cities = [labels("ref_area", city) for city in ranked]
    texts = {"part": _("Part of the score"), "score": _("Points")}
    caption = _caption(connection, method, language, key, _("What the score is made of, in points"))
    return Drawing(
        segments, caption, lambda width: ranking.contributions(segments, cities, texts, caption, width)
    )


def ranks_over_time(connection: Connection, language: Language, parameters: Parameters) -> Drawing | None:
    """The ranks of all years; lines end where years are not comparable."""
    method = _method(connection, parameters)
    if method is None:
        return None
    _ = words(language).gettext
    labels = Labels(connection, language)
    found = pd.DataFrame(rows(connection, "web/rating_over_time", rating=method.id))
    if found.empty:
        return None
    found["segment"] = (~found["comparable"]).groupby(found["ref_area"]).cumsum()
    latest = found["time_period"].max()
    chosen = [city for city in parameters.get("cities", "").split(",") if city in set(found["ref_area"])]
    first = list(found[found["time_period"] == latest].sort_values("rank")["ref_area"])
    chosen = chosen or list(dict.fromkeys([*("moscow", "guangzhou"), *first]))
    chosen = [city for city in chosen if city in set(found["ref_area"])][: len(SERIES) - 2]
    ranked = pd.DataFrame(
        {
            "city": [labels("ref_area", city) for city in found["ref_area"]],
            "year": found["time_period"],
            "rank": found["rank"],
            "segment": found["segment"],
            "link": [
                _lineage(method.id, year, city, language)
                for year, city in zip(found["time_period"], found["ref_area"], strict=True)
            ],
        }
    )
    texts = {"rank": _("Rank"), "year": _("Year")}
    subtitle = _("Rank by year; a line ends where a year is not comparable with the one before")
    caption = _caption(connection, method, language, {"rating": method.id, "period": latest}, subtitle)
    named = [labels("ref_area", city) for city in chosen]
    return Drawing(
        ranked, caption, lambda width: ranking.ranks_over_time(ranked, named, texts, caption, width)
    )


def on_map(connection: Connection, language: Language, parameters: Parameters) -> Drawing | None:
    """The scores of one year on a map."""
    method = _method(connection, parameters)
    if method is None:
        return None
    _ = words(language).gettext
    labels = Labels(connection, language)
    key = {"rating": method.id, "period": parameters.get("period", "")}
    places = pd.DataFrame(rows(connection, "web/rating_places", **key))
    if places.empty:
        return None
    shown = pd.DataFrame(
        {
            "city": [labels("ref_area", city) for city in places["ref_area"]],
            **{name: places[name] for name in ("latitude", "longitude", "people")},
            "value": places["score"],
            "link": [_lineage(method.id, key["period"], city, language) for city in places["ref_area"]],
        }
    )
    texts = {"value": _("Score"), "people": labels("indicator", "POP_AGGLO")}
    subtitle = _("Score; the larger the point, the more people. Coastlines: Natural Earth")
    caption = _caption(connection, method, language, key, subtitle)
    return Drawing(shown, caption, lambda width: ranking.on_map(shown, texts, caption, width))


CHARTS: Final[dict[str, Chart]] = {
    "ranks": ranks,
    "contributions": contributions,
    "ranks-over-time": ranks_over_time,
    "rating-map": on_map,
}


def _method(connection: Connection, parameters: Parameters) -> Method | None:
    return methods_as_of(connection).get(parameters.get("rating", ""))


def _lineage(rating: str, period: str, city: str, language: str) -> str:
    key = {"rating": rating, "time_period": period, "ref_area": city}
    return lineage_address("rating", key, language)


def _caption(
    connection: Connection, method: Method, language: Language, key: dict[str, Any], subtitle: str
) -> Caption:
    sources = rows(connection, "web/rating_sources", **key)
    title = f"{method.name.in_language(language)}, {key['period']}"
    return Caption(title, subtitle, sources_line(sources, language))
