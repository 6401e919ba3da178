"""The charts of a city: among similar cities, its ranks of other years, its values over time."""

from functools import partial
from typing import Any

import pandas as pd

from city_indicators.delivery.charts import city as charts
from city_indicators.delivery.charts.style import Caption
from city_indicators.delivery.documents.edition import Row
from city_indicators.delivery.documents.shown import Shown
from city_indicators.delivery.web.charts import Drawing, sources_line
from city_indicators.delivery.web.city_charts import Subject, of_ranks, of_series, over_time


def ranks(shown: Shown, city: str) -> Drawing | None:
    """The ranks of a city in the years until that of the edition; None if it was never ranked.

    Raises:
        LookupError: the edition does not have the city.
    """
    subject = _subject(shown, city)
    found = shown.computed.ranks
    own = found[found["ref_area"] == city].reset_index(drop=True)
    if own.empty:
        return None
    about = shown.words.gettext("ranks by year")
    return of_ranks(subject, own, shown.rated.names, about, shown.rated.sources)


def series(shown: Shown, city: str) -> Drawing | None:
    """The series that the values of a city come from; None if none has enough years.

    Raises:
        LookupError: the edition does not have the city.
    """
    lines = lines_of(shown, city)
    return of_series(_subject(shown, city), lines, sources_of(shown, lines)) if lines else None


def lines_of(shown: Shown, city: str) -> list[Row]:
    """The series of a city as of `over_time`, in the order of the method."""
    order = list(shown.parts)
    found = sorted(
        shown.computed.series.get(city, []),
        key=lambda row: (order.index(row["indicator"]), row["time_period"]),
    )
    return over_time(found)


def sources_of(shown: Shown, used: list[Row]) -> list[str]:
    """The line of a caption with the sources of rows."""
    names = {row["source"] for row in used}
    return sources_line([row for row in shown.sources if row["source"] in names], shown.language)


def peers(shown: Shown, city: str) -> Drawing | None:
    """Where a city and the cities most similar to it stand among all cities, indicator by indicator.

    None if the edition knows none that are similar, or none of them has a value in common with it.

    Raises:
        LookupError: the edition does not have the city.
    """
    subject = _subject(shown, city)
    found = places(shown, city)
    if not found:
        return None
    _ = shown.words.gettext
    texts = {
        "city": subject.name,
        "peer": _("similar cities"),
        "share": _("Place among all cities"),
        "value": _("Value"),
        "year": _("Year"),
        "better": _("share of the other cities that do worse; further right is better"),
    }
    subtitle = _(
        "Each dot is a city, placed by the share of the other cities with fewer points; equal points count "
        "half. National values are the same for all cities of a country"
    )
    about = _("among similar cities")
    rows = pd.DataFrame([_dot(shown, city, *each) for each in found])
    caption = Caption(f"{subject.name}: {about}", subtitle, sources_of(shown, [row for row, _share in found]))
    return Drawing(rows, caption, partial(charts.among_peers, rows, texts, caption))


def similar(shown: Shown, city: str) -> list[str]:
    """The cities most similar to a city, the nearest first; none if the edition does not know any."""
    try:
        rows = shown.trends.peers
    except LookupError:
        return []
    near = sorted((row["position"], row["peer_ref_area"]) for row in rows if row["ref_area"] == city)
    return [peer for _place, peer in near if peer in shown.frozen.cities]


def places(shown: Shown, city: str) -> list[tuple[Row, float]]:
    """The values of a city and of those similar to it, each with the share of the other cities that do worse.

    Only indicators of which the city and one of the others have a value, and whose points differ.
    """
    chosen = [city, *similar(shown, city)]
    found: list[tuple[Row, float]] = []
    for part in shown.parts.values():
        rows = {row["ref_area"]: row for row in shown.values_of(part.id) if row["normalised"] is not None}
        of_chosen = [rows[each] for each in chosen if each in rows]
        if city not in rows or len(of_chosen) < 2:
            continue
        points = [row["normalised"] for row in rows.values()]
        if min(points) < max(points):
            found += [(row, _share(row["normalised"], points)) for row in of_chosen]
    return found


def _share(own: float, points: list[float]) -> float:
    """The share of the other cities with fewer points; those with as many count half."""
    fewer = sum(each < own for each in points)
    as_many = points.count(own) - 1
    return (fewer + as_many / 2) / (len(points) - 1)


def _dot(shown: Shown, city: str, row: Row, share: float) -> dict[str, Any]:
    value = shown.value(row["indicator"], row["raw_value"], row["unit_measure"])
    return {
        "indicator": shown.parts[row["indicator"]].name,
        "directed": True,
        "city": shown.name(shown.frozen.cities[row["ref_area"]]),
        "kind": "city" if row["ref_area"] == city else "peer",
        "share": share,
        "value": f"{value} ({shown.labels('geo_basis', row['geo_basis'])})",
        "year": row["raw_time_period"],
        "link": "",
    }


def _subject(shown: Shown, city: str) -> Subject:
    return Subject(shown.city(city)["ref_area"], shown.labels, shown.language)
