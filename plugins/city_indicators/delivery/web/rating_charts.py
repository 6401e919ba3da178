"""The charts of the page City ratings."""

from typing import Any, Final

import pandas as pd
from sqlalchemy import Connection

from city_indicators.core.languages import Language, words
from city_indicators.delivery.charts import ranking
from city_indicators.delivery.charts.style import SERIES
from city_indicators.delivery.web.charts import Chart, Drawing, Parameters
from city_indicators.delivery.web.long_lists import A_PAGE, POINTS, limited
from city_indicators.delivery.web.rated import Rated
from city_indicators.delivery.web.ratings import PAIR, parts_of, years_of
from city_indicators.warehouse.database import rows


def ranks(connection: Connection, language: Language, parameters: Parameters) -> Drawing | None:
    """The ranks of one year with the ranks that are likely."""
    rated = Rated.of(connection, language, parameters)
    if rated is None:
        return None
    ranked, total = _first(connection, rated, parameters.get("group", ""))
    return of_ranks(rated, ranked, total)


def _first(connection: Connection, rated: Rated, group: str = "") -> tuple[list[dict[str, Any]], int]:
    """The first ranked cities of a group, and how many it has."""
    ranked = [row for row in rated.first(connection, A_PAGE, group) if row["rank"] is not None]
    return ranked, ranked[0]["found"] if ranked else 0


def of_ranks(rated: Rated, ranked: list[dict[str, Any]], total: int) -> Drawing:
    """The ranks of the first of so many cities, by rows of web/rating_page."""
    _ = words(rated.language).gettext
    labels = rated.labels
    found = [
        {
            "city": labels("ref_area", row["ref_area"]),
            **{name: row[name] for name in ("rank", "rank_p05", "rank_p95", "score")},
            "likely": f"{row['rank_p05']:.0f}–{row['rank_p95']:.0f}" if row["rank_p05"] is not None else "–",
            "share": row["city_level_weight"],
            "link": rated.link("rating", ref_area=row["ref_area"]),
        }
        for row in ranked[:A_PAGE]
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
    caption = rated.caption(limited(subtitle, len(found), total, rated.language))
    shown = pd.DataFrame(found)
    return Drawing(shown, caption, lambda width: ranking.likely_ranks(shown, texts, caption, width))


def contributions(connection: Connection, language: Language, parameters: Parameters) -> Drawing | None:
    """What the scores of one year are made of; a formula is no sum of its parts."""
    rated = Rated.of(connection, language, parameters)
    if rated is None or rated.method.formula:
        return None
    found, total = _first(connection, rated)
    ranked = [row["ref_area"] for row in found]
    contributed = rows(connection, "web/rating_parts", **rated.key, cities=ranked)
    return of_contributions(rated, ranked, total, contributed)


def of_contributions(
    rated: Rated, ranked: list[str], total: int, contributed: list[dict[str, Any]]
) -> Drawing:
    """What the scores of the first of so many ranked cities are made of, by rows of web/rating_parts."""
    _ = words(rated.language).gettext
    labels = rated.labels
    ranked = ranked[:A_PAGE]
    listed = parts_of(rated.method, labels, rated.language)
    parts = {each["id"]: (place, each) for place, each in enumerate(listed)}
    place_of = {city: place for place, city in enumerate(ranked)}
    found = [
        {
            "city": labels("ref_area", row["ref_area"]),
            "part": part["name"],
            "value": row["contribution"] or 0.0,
            "place": place,
            "link": rated.link(
                f"rating_{part['kind']}", ref_area=row["ref_area"], **{part["kind"]: part["id"]}
            ),
        }
        for row in sorted(
            (each for each in contributed if each["ref_area"] in place_of),
            key=lambda row: (place_of[row["ref_area"]], parts[row["part"]][0]),
        )
        for place, part in [parts[row["part"]]]
    ]
    segments = pd.DataFrame(found)
    names = [labels("ref_area", city) for city in ranked]
    texts = {"part": _("Part of the score"), "score": _("Points")}
    subtitle = limited(_("What the score is made of, in points"), len(ranked), total, rated.language)
    caption = rated.caption(subtitle)
    return Drawing(
        segments, caption, lambda width: ranking.contributions(segments, names, texts, caption, width)
    )


def ranks_over_time(connection: Connection, language: Language, parameters: Parameters) -> Drawing | None:
    """The ranks of all years; lines end where years are not comparable."""
    rating = parameters.get("rating", "")
    periods = years_of(connection, rating)
    rated = Rated.of(connection, language, {**parameters, "period": next(iter(periods), "")})
    if rated is None:
        return None
    wanted = [city for city in parameters.get("cities", "").split(",") if city]
    (counts,) = rows(connection, "web/rating_counts", **rated.key, group="")
    latest = [row["ref_area"] for row in rated.first(connection, A_PAGE)]
    of_year = rows(connection, "web/rating_of_cities", **rated.key, cities=[*wanted, *PAIR])
    rated_ones = {row["ref_area"] for row in of_year}
    first = [*wanted, *(city for city in PAIR if city in rated_ones)]
    drawn = list(dict.fromkeys([*first, *latest]))[:A_PAGE]
    total = counts["cities"] + len(set(wanted) - rated_ones)
    found = pd.DataFrame(rows(connection, "web/ranks_over_years", ratings=[rating], cities=drawn))
    if found.empty:
        return None
    _ = words(language).gettext
    labels = rated.labels
    found["segment"] = (~found["comparable"]).groupby(found["ref_area"]).cumsum()
    known = set(found["ref_area"])
    chosen = [city for city in wanted if city in known] or [city for city in drawn if city in known]
    chosen = chosen[: len(SERIES) - 2]
    ranked = pd.DataFrame(
        {
            "city": [labels("ref_area", city) for city in found["ref_area"]],
            "year": found["time_period"],
            "rank": found["rank"],
            "segment": found["segment"],
            "link": [
                rated.link("rating", time_period=year, ref_area=city)
                for year, city in zip(found["time_period"], found["ref_area"], strict=True)
            ],
        }
    )
    texts = {"rank": _("Rank"), "year": _("Year")}
    subtitle, years = _of_years(found, language)
    caption = rated.caption(limited(subtitle, len(drawn), total, language), years)
    bold = [labels("ref_area", city) for city in chosen]
    return Drawing(
        ranked, caption, lambda width: ranking.ranks_over_time(ranked, bold, texts, caption, width)
    )


def _of_years(found: pd.DataFrame, language: Language) -> tuple[str, str]:
    """What a chart of the ranks of several years says below its title, and its years."""
    _ = words(language).gettext
    subtitle = _("Rank by year; a line ends where a year is not comparable with the one before")
    least, most = found["n_ranked"].min(), found["n_ranked"].max()
    if least < most:
        subtitle += "; " + _("%(least)s to %(most)s cities are ranked") % {"least": least, "most": most}
    first, last = found["time_period"].min(), found["time_period"].max()
    return subtitle, first if first == last else f"{first}–{last}"


def on_map(connection: Connection, language: Language, parameters: Parameters) -> Drawing | None:
    """The scores of one year on a map."""
    rated = Rated.of(connection, language, parameters)
    found = rows(connection, "web/rating_places", **rated.key, most=POINTS) if rated else []
    return of_places(rated, found, found[0]["cities"]) if rated and found else None


def of_places(rated: Rated, found: list[dict[str, Any]], total: int) -> Drawing:
    """The scores of one year on a map, by rows of web/rating_places: the largest of so many cities."""
    _ = words(rated.language).gettext
    labels = rated.labels
    places = pd.DataFrame(found[:POINTS])
    shown = pd.DataFrame(
        {
            "city": [labels("ref_area", city) for city in places["ref_area"]],
            **{name: places[name] for name in ("latitude", "longitude", "people")},
            "value": places["score"],
            "link": [rated.link("rating", ref_area=city) for city in places["ref_area"]],
        }
    )
    texts = {"value": _("Score"), "people": labels("indicator", "POP_AGGLO")}
    subtitle = _("Score; the larger the point, the more people. Coastlines: Natural Earth")
    caption = rated.caption(limited(subtitle, len(places), total, rated.language))
    return Drawing(shown, caption, lambda width: ranking.on_map(shown, texts, caption, width))


CHARTS: Final[dict[str, Chart]] = {
    "ranks": ranks,
    "contributions": contributions,
    "ranks-over-time": ranks_over_time,
    "rating-map": on_map,
}
