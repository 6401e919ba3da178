"""Writes the cities of docs/explanation/climate-world-by-hand.md from a demo that ran: `make worked`."""

import sys
from collections.abc import Iterable, Sequence
from typing import Any, Final

from sqlalchemy import Connection, create_engine, text

from city_indicators.analytics.ratings.method import Pillar
from city_indicators.analytics.ratings.read import load_methods
from city_indicators.catalog import load_catalogue
from city_indicators.core.paths import PROJECT
from standalone import databases, postgres
from standalone.settings import Settings

DOCUMENT: Final = PROJECT / "docs" / "explanation" / "climate-world-by-hand.md"
CATALOGUE: Final = load_catalogue()
RATING: Final = "climate_world"
PERIOD: Final = "2023"
ALWAYS: Final = ("moscow", "guangzhou")
MARKS: Final = ("<!-- make worked: begin -->", "<!-- make worked: end -->")

CITIES: Final = text(
    """
    select ref_area, city_name_en, score, rank, rank_p05, rank_p95, city_level_weight from report.rating
    where rating = :rating and time_period = :period and (rank <= 10 or ref_area = any(:always))
    order by rank
    """
)
INDICATORS: Final = text(
    """
    select
        indicator, raw_value, unit_measure, geo_basis, raw_time_period, source, denominator_value,
        goalpost_worst, goalpost_best, normalised, weight, contribution
    from report.rating_indicator
    where rating = :rating and time_period = :period and ref_area = :city
    """
)
PILLARS: Final = text(
    """
    select pillar, score, weight_effective, contribution from report.rating_pillar
    where rating = :rating and time_period = :period and ref_area = :city
    """
)
SCENARIOS: Final = text(
    """
    select scenario, ref_area, rank from report.rating_uncertainty
    where rating = :rating and time_period = :period
    """
)
HEADER: Final = (
    "indicator",
    "observation",
    "basis, year",
    "source",
    "(observation − worst) / (best − worst)",
    "points",
    "weight",
    "adds",
)


def written(connection: Connection) -> str:
    """The worked cities, and their ranks under each alternative, in Markdown."""
    key = {"rating": RATING, "period": PERIOD}
    cities = [dict(row._mapping) for row in connection.execute(CITIES, {**key, "always": list(ALWAYS)})]
    sections = [_city(connection, city, {**key, "city": city["ref_area"]}) for city in cities]
    ranks: dict[str, dict[str, int]] = {}
    for scenario, ref_area, rank in connection.execute(SCENARIOS, key):
        ranks.setdefault(scenario, {})[ref_area] = int(rank)
    rows = [["as declared", *(str(city["rank"]) for city in cities)]]
    rows += [
        [f"`{name}`", *(str(of[city["ref_area"]]) for city in cities)] for name, of in sorted(ranks.items())
    ]
    alternatives = _table(["alternative", *(city["city_name_en"] for city in cities)], rows)
    return "\n\n".join([*sections, "## Ranks under each alternative on its own", alternatives])


def in_document() -> str:
    """The same text from the page."""
    return DOCUMENT.read_text(encoding="utf-8").partition(MARKS[0])[2].partition(MARKS[1])[0].strip()


def _city(connection: Connection, city: dict[str, Any], key: dict[str, str]) -> str:
    leaves = {row.indicator: row for row in connection.execute(INDICATORS, key)}
    pillars = {row.pillar: row for row in connection.execute(PILLARS, key)}
    rows = list(_rows(load_methods(CATALOGUE)[RATING].root, leaves, pillars))
    score, rank = f"**{city['score']:.2f}**", f"**{city['rank']}**"
    rows.append(["**score**", "", "", "", "", score, "rank", rank])
    return "\n\n".join(
        [
            f"## {city['city_name_en']}",
            f"Likely rank {city['rank_p05']:.0f} to {city['rank_p95']:.0f}; "
            f"{city['city_level_weight']:.0%} of the weight are the city's own values.",
            _table(HEADER, rows),
        ]
    )


def _rows(pillar: Pillar, leaves: dict[str, Any], pillars: dict[str, Any]) -> Iterable[list[str]]:
    for part in pillar.pillars:
        yield from _rows(part, leaves, pillars)
    for entry in pillar.indicators:
        row = leaves[entry.id]
        if row.normalised is not None:
            yield _indicator(row)
    if pillar.formula and pillars[pillar.id].score is not None:
        found = pillars[pillar.id]
        yield [f"`{pillar.formula}`", "", "", "", "", *_points(found.score, found.weight_effective, found)]


def _indicator(row: Any) -> list[str]:
    value = f"{row.raw_value:.6g}"
    measured = f"{value} / {row.denominator_value:.0f}" if row.denominator_value else value
    worst, best = f"{row.goalpost_worst:g}", f"{row.goalpost_best:g}"
    return [
        f"`{row.indicator}`",
        f"{value} {CATALOGUE.units[row.unit_measure].name.en}",
        f"{row.geo_basis.replace('_', ' ')}, {row.raw_time_period}",
        f"`{row.source}`",
        f"({measured} − {worst}) / ({best} − {worst})",
        *_points(row.normalised, row.weight, row),
    ]


def _points(score: float, weight: float | None, row: Any) -> list[str]:
    if weight is None:
        return [f"{score:.2f}", "", ""]
    return [f"{score:.2f}", f"{weight:.4f}", f"{row.contribution:.3f}"]


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def main() -> int:
    """Write the page from the demo that runs, or from the one that has run."""
    with (
        postgres.serving(Settings()) as server,
        create_engine(server.url(databases.WAREHOUSE, "etl")).connect() as connection,
    ):
        found = written(connection)
    document = DOCUMENT.read_text(encoding="utf-8")
    before, _, rest = document.partition(MARKS[0])
    _, _, after = rest.partition(MARKS[1])
    DOCUMENT.write_text(f"{before}{MARKS[0]}\n\n{found}\n\n{MARKS[1]}{after}", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
