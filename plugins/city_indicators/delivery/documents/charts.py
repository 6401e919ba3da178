"""The charts of documents: those of the pages, drawn from an edition."""

from collections.abc import Callable
from functools import partial
from typing import Any, Final

from city_indicators.delivery.documents import city_charts, coverage_charts, trend_charts
from city_indicators.delivery.documents.edition import Row, observed
from city_indicators.delivery.documents.indicator_chart import of_indicator
from city_indicators.delivery.documents.model import Chart, Note
from city_indicators.delivery.documents.pairs import positions
from city_indicators.delivery.documents.practice_tables import evidence_chart, placebo_chart
from city_indicators.delivery.documents.shown import Shown
from city_indicators.delivery.documents.trend_tables import note_of
from city_indicators.delivery.web import method_charts, rating_charts
from city_indicators.delivery.web.charts import Drawing
from city_indicators.warehouse.database import rows

WIDTH: Final = 720
"""Pixels of a chart as wide as the text of a page: its letters are then 8 points high."""
WIDE: Final = {"correlations": 840}
"""Charts with more pixels, and so smaller letters."""
PEOPLE: Final = "POP_AGGLO"
"""The indicator that sizes the points of a map."""


def chart(shown: Shown, name: str, **options: Any) -> Chart:
    """A chart by its name, with the options of its maker below.

    Raises:
        LookupError: there is no such chart, or the edition has nothing to draw.
        TypeError: the chart has no such option.
    """
    drawing, note = _drawn(shown, name, **options), CHARTS[name][1]
    if drawing is None:
        raise LookupError(f"the chart {name!r} has no values in the edition; put it in has_chart")
    caption = drawing.caption
    alternative = f"{caption.title}. {caption.subtitle}"
    draw = partial(_specified, shown, drawing)
    return Chart(name, caption.subtitle, alternative, note(shown), draw, WIDE.get(name, WIDTH))


def _specified(shown: Shown, drawing: Drawing, width: int) -> dict[str, Any]:
    specification = drawing.draw(width)
    locale = {"number": shown.numbers.in_charts()}
    specification["config"] = {**specification["config"], "locale": locale}
    return without_links(specification)


def has_values(shown: Shown, name: str, **options: Any) -> bool:
    """Whether the edition has values for a chart.

    Raises:
        LookupError: there is no such chart.
    """
    return _drawn(shown, name, **options) is not None


def _drawn(shown: Shown, name: str, **options: Any) -> Drawing | None:
    if name not in CHARTS:
        raise LookupError(f"there is no chart {name!r}, only {', '.join(CHARTS)}")
    drawing = CHARTS[name][0](shown, **options)
    return None if drawing is None or drawing.rows.empty else drawing


def without_links(part: object) -> dict[str, Any]:
    """A specification without the links of its marks and rows, which lead to pages of the server."""
    return _without_links(part)  # type: ignore[return-value]


def _without_links(part: object) -> object:
    if isinstance(part, dict):
        return {
            key: _without_links(value)
            for key, value in part.items()
            if key != "link" and not (key == "href" and isinstance(value, dict))
        }
    return [_without_links(value) for value in part] if isinstance(part, list) else part


def _ranks(shown: Shown) -> Drawing:
    return rating_charts.of_ranks(shown.rated, shown.frozen.ranked, len(shown.frozen.ranked))


def _contributions(shown: Shown) -> Drawing | None:
    if shown.frozen.method.formula:
        return None
    root = shown.frozen.method.id
    pillars = [
        {**row, "part": row["pillar"]} for row in shown.frozen.pillars.values() if row["parent"] == root
    ]
    indicators = [
        {**row, "part": row["indicator"]} for row in shown.frozen.indicators.values() if row["pillar"] == root
    ]
    ranked = [row["ref_area"] for row in shown.frozen.ranked]
    return rating_charts.of_contributions(shown.rated, ranked, len(ranked), [*pillars, *indicators])


def _map(shown: Shown) -> Drawing:
    frozen = shown.frozen
    age = frozen.method.max_age_years
    people = observed(shown.connection, frozen, PEOPLE, frozen.period, age)
    places = {row["ref_area"]: row for row in rows(shown.connection, "documents/places")}
    found: list[Row] = [
        {
            **places[city["ref_area"]],
            "score": city["score"],
            "people": people.get(city["ref_area"], {}).get("obs_value"),
        }
        for city in frozen.ranked
        if city["ref_area"] in places
    ]
    # Large points are drawn first, so that they hide no small one.
    found.sort(key=lambda row: -(row["people"] or 0))
    return rating_charts.of_places(shown.rated, found, len(found))


def _method(shown: Shown) -> Drawing:
    return method_charts.of_parts(shown.rated)


def _importance(shown: Shown) -> Drawing | None:
    return method_charts.of_importance(shown.rated, shown.analyses["rating_coherence"])


def _correlations(shown: Shown) -> Drawing | None:
    return method_charts.of_correlations(shown.rated, shown.analyses["rating_coherence"])


def _factors(shown: Shown) -> Drawing:
    return method_charts.of_factors(shown.rated, shown.factors)


def _left_out(shown: Shown) -> Drawing:
    return method_charts.of_left_out(shown.rated, shown.left_out)


def _of(table: str) -> Callable[[Shown], Note]:
    return lambda shown: shown.note(table)


CHARTS: Final[dict[str, tuple[Callable[..., Drawing | None], Callable[[Shown], Note]]]] = {
    "ranking": (_ranks, _of("edition_rating")),
    "contributions": (_contributions, _of("edition_rating_pillar")),
    "map": (_map, _of("edition_rating")),
    "indicator": (of_indicator, _of("edition_rating_indicator")),
    "positions": (positions, _of("edition_rating_indicator")),
    "coverage": (coverage_charts.bases, _of("edition_rating_indicator")),
    "ages": (coverage_charts.ages, _of("edition_rating_indicator")),
    "peers": (city_charts.peers, _of("edition_rating_indicator")),
    "ranks": (city_charts.ranks, Shown.note_of_analysis),
    "series": (city_charts.series, Shown.note_of_analysis),
    "megatrends": (trend_charts.balance, lambda shown: note_of(shown, "edition_megatrend")),
    "method": (_method, Shown.note_of_method),
    "importance": (_importance, Shown.note_of_analysis),
    "correlations": (_correlations, Shown.note_of_analysis),
    "factors": (_factors, Shown.note_of_analysis),
    "left_out": (_left_out, Shown.note_of_analysis),
    "evidence": (evidence_chart, Shown.note_of_evidence),
    "placebos": (placebo_chart, Shown.note_of_evidence),
}
"""Each chart by name, with the note on its lineage."""
