"""Pairs of cities, compared draw by draw when they are read."""

from collections.abc import Callable

import numpy as np
import pandas as pd
from sqlalchemy import Engine

from city_indicators.analytics.ratings.uncertainty import uncertainty
from city_indicators.reports.past import reference_as_of
from city_indicators.reports.ratings import computed
from city_indicators.reports.refresh import refresh
from city_indicators.reports.tables import Vintage
from city_indicators.reports.write import write
from tests.warehouse.conftest import Publisher
from tests.warehouse.test_as_of import AT, MANY, RESEARCH, VARIED

Query = Callable[[str], list[tuple[object, ...]]]


def test_equal_ranks_count_half_and_a_draw_without_a_rank_for_neither(
    warehouse: Engine, query: Query
) -> None:
    ranks = [
        ("r", "2020", "a", np.array([1, 1, 2, 1, 1])),
        ("r", "2020", "b", [2, 1, 1, None, 3]),
        ("r", "2020", "c", [3, 3, 3, 2, 2]),
        ("r", "2021", "a", [1, 1, 1, 1, 1]),
        ("other", "2020", "b", [1, 1, 1, 1, 1]),
    ]
    with warehouse.begin() as connection:
        columns = ["rating", "time_period", "ref_area", "ranks"]
        write(connection, "drawn_ranks", pd.DataFrame(ranks, columns=columns))
    # a and b: above in draws 1 and 5, equal in 2, below in 3; draw 4 has no rank of b.
    assert query(
        "select ref_area, other_ref_area, round(p_above::numeric, 9)::float8, tied from report.rank_pairs "
        "where rating = 'r' order by 1, 2"
    ) == [
        ("a", "b", 0.5, True),
        ("a", "c", 1.0, False),
        ("b", "a", 0.3, True),
        ("b", "c", 0.6, True),
        ("c", "a", 0.0, False),
        ("c", "b", 0.2, True),
    ]


def test_the_pairs_of_a_refresh_are_those_of_the_analysis(
    publisher: Publisher, warehouse: Engine, query: Query
) -> None:
    publisher.load({**MANY, "RUS": 61234.5, "CHN": 30123.25}, year=2019)
    refresh(warehouse, {VARIED.id: VARIED}, RESEARCH, AT)
    with warehouse.connect() as connection:
        reference = reference_as_of(connection).reference
        rating = computed(connection, VARIED, reference, ["2019"], Vintage())
    columns = ["ref_area", "other_ref_area", "p_above", "tied"]
    expected = uncertainty(rating.steps).pairs[columns].sort_values(columns[:2])
    assert len(expected) > 100
    assert set(expected["p_above"]) > {0, 1}
    found = query("select ref_area, other_ref_area, p_above, tied from report.rank_pairs")
    assert sorted(found) == list(expected.itertuples(index=False, name=None))
