"""report.rating_history: ranks compared with the year before, among cities ranked in both years."""

import json
from collections.abc import Callable, Mapping

import pytest
from sqlalchemy import Engine, text

from city_indicators.warehouse.database import rows

Query = Callable[[str], list[tuple[object, ...]]]
FIELDS = {
    "2022": {"moscow": 1, "beijing": 2, "delhi": 3, "tokyo": None},
    "2023": {"london": 1, "paris": 2, "tokyo": 3, "moscow": 4, "beijing": 5, "delhi": None},
}
RATING = text(
    """
    insert into report.rating (
        rating, time_period, ref_area, method_version, city_name_en, city_name_ru, city_name_zh, country,
        city_groups, score, rank, n_ranked, coverage, city_level_share, status, reason_code, report_refresh_id
    ) values (
        'r', :year, :city, '1', '', '', '', '', '{}', 50, :rank, :ranked, 1, 1, :status, :reason,
        (select max(report_refresh_id) from ops.report_refresh)
    )
    """
)
INDICATOR = text(
    """
    insert into report.rating_indicator (
        rating, time_period, ref_area, indicator, pillar, normalised, source, geo_basis, unit_measure,
        denominator_source
    ) values ('r', :year, :city, 'AIR', 'p', 50, :source, :geo_basis, :unit_measure, :denominator_source)
    """
)
SAME = {"source": "s", "geo_basis": "city", "unit_measure": "U", "denominator_source": None}


def rate(
    warehouse: Engine,
    fields: Mapping[str, Mapping[str, int | None]],
    ties: str | None = None,
    moscow: Mapping[str, str] = {},
) -> None:
    """Insert ranks by year and city; all observations are alike, except those of Moscow in 2023."""
    with warehouse.begin() as connection:
        connection.execute(
            text("insert into ops.report_refresh (refreshed_at, loads, ratings) values (now(), 0, 1)")
        )
        document = json.dumps({"id": "r"} | ({"ties": ties} if ties else {}))
        connection.execute(
            text("insert into catalog.method values ('r', '1', now(), cast(:document as jsonb))"),
            {"document": document},
        )
        for year, ranks in fields.items():
            for city, rank in ranks.items():
                row = {"year": year, "city": city, "rank": rank, "ranked": sum(map(bool, ranks.values()))}
                ranked = {"status": "ranked", "reason": None}
                unranked = {"status": "not_ranked", "reason": "too_few_indicators"}
                connection.execute(RATING, row | (ranked if rank else unranked))
                other = moscow if (year, city) == ("2023", "moscow") else {}
                connection.execute(INDICATOR, {"year": year, "city": city} | SAME | other)


def test_rank_changes_count_only_cities_of_both_years(warehouse: Engine, query: Query) -> None:
    """Moscow and Beijing are ranked in both years: first and second of two in each."""
    rate(warehouse, FIELDS)
    assert query(
        """
        select ref_area, rank_prev, rank, rank_change, n_ranked_prev, n_ranked, n_compared
        from report.rating_history where time_period = '2023' order by rank, ref_area
        """
    ) == [
        ("london", None, 1, None, None, 5, 2),
        ("paris", None, 2, None, None, 5, 2),
        ("tokyo", None, 3, None, 3, 5, 2),
        ("moscow", 1, 4, 0, 3, 5, 2),
        ("beijing", 2, 5, 0, 3, 5, 2),
        ("delhi", 3, None, None, 3, 5, 2),
    ]
    assert query(
        "select distinct rank_change, n_ranked_prev, n_compared from report.rating_history"
        " where time_period = '2022'"
    ) == [(None, None, 0)]


@pytest.mark.parametrize(
    ("ties", "before", "changes"),
    [
        # 1, 1, 3 become 2, 1, 2; 1, 1, 2 become 2, 1, 2; 2, 2, 3 become 3, 1, 3.
        (None, (1, 1, 3), [-1, 0, 1]),
        ("min", (1, 1, 3), [-1, 0, 1]),
        ("dense", (1, 1, 2), [-1, 0, 0]),
        ("max", (2, 2, 3), [-1, 1, 0]),
    ],
)
def test_ties_are_ranked_by_the_method(
    warehouse: Engine, query: Query, ties: str | None, before: tuple[int, int, int], changes: list[int]
) -> None:
    cities = ("beijing", "delhi", "moscow")
    now = {"london": 1, "delhi": 2, "beijing": 4 if ties == "max" else 3, "moscow": 4 if ties == "max" else 3}
    rate(warehouse, {"2022": dict(zip(cities, before, strict=True)), "2023": now}, ties)
    assert query(
        "select rank_change from report.rating_history"
        " where time_period = '2023' and rank_prev is not null order by ref_area"
    ) == [(change,) for change in changes]


@pytest.mark.parametrize("other", [{}, *({name: "other"} for name in SAME)])
def test_years_are_comparable_if_their_data_is_of_the_same_kind(
    warehouse: Engine, query: Query, other: dict[str, str]
) -> None:
    rate(warehouse, FIELDS, moscow=other)
    assert query(
        "select ref_area, comparable_with_prev from report.rating_history"
        " where time_period = '2023' and ref_area in ('moscow', 'beijing') order by ref_area"
    ) == [("beijing", True), ("moscow", not other)]
    # The statement of the pages, which compares less, finds the same.
    with warehouse.connect() as connection:
        cities = [row["ref_area"] for row in rows(connection, "web/city_ids", most=100)]
        over_time = rows(connection, "web/ranks_over_years", ratings=["r"], cities=cities)
        of_moscow = rows(connection, "web/ranks_over_years", ratings=["r"], cities=["moscow"])
    of_2023 = {row["ref_area"]: row["comparable"] for row in over_time if row["time_period"] == "2023"}
    assert (of_2023["beijing"], of_2023["moscow"], of_2023["london"]) == (True, not other, False)
    assert [row["comparable"] for row in of_moscow] == [False, not other]
    assert not any(row["comparable"] for row in over_time if row["time_period"] == "2022")
