"""Rows of report tables: written with their declared types, deleted by values."""

from datetime import UTC, datetime

import pandas as pd
import pytest
from sqlalchemy import Engine, text

from city_indicators.core.errors import CatalogueError
from city_indicators.reports.write import as_arrow, delete, replace, write
from city_indicators.warehouse.report_tables import report_tables

NAMES = {f"{name}_{language}": "x" for name in ("city_name", "peer_name") for language in ("en", "ru", "zh")}


def peers(*positions: int) -> pd.DataFrame:
    rows = [
        {
            **{"ref_area": "moscow", "peer_ref_area": f"city{position}", **NAMES},
            **{"position": position, "distance": position / 10, "compared_weight": 0.5},
            **{"features": ["size", "income"], "differences": [0.25, position / 10]},
            "feature_indicators": ["POP_AGGLO", "GDP_PC"],
        }
        for position in positions
    ]
    return pd.DataFrame(rows)


def stored(warehouse: Engine) -> list[tuple[object, ...]]:
    columns = "peer_ref_area, position, features, differences"
    with warehouse.connect() as connection:
        found = connection.execute(text(f"select {columns} from report.city_peer order by position"))  # noqa: S608
        return [tuple(row) for row in found]


def test_rows_are_written_with_declared_types(warehouse: Engine) -> None:
    at = datetime(2026, 1, 1, 12, 30, 0, 5, tzinfo=UTC)
    names = {f"city_name_{language}": 'a "b", c' for language in ("en", "ru", "zh")}
    key = {"rating": "first", "edition": "2022.1", "time_period": "2022", "ref_area": "moscow", **names}
    rows = pd.DataFrame(
        [
            {**key, "score_today": 0.1, "rank_today": 2.0, "appeared_with": "method"},
            {**key, "ref_area": "paris", "score_today": None, "rank_today": None, "appeared_with": None},
        ]
    )
    rows = rows.assign(method_version_today="1.0", compared_at=at)
    rows = rows.assign(**{c: None for c in report_tables()["edition_diff"].columns if c not in rows})
    with warehouse.connect() as connection:
        connection.execute(
            text("alter table report.edition_diff drop constraint edition_diff_rating_edition_fkey")
        )
        write(connection, "edition_diff", rows)
        found = connection.execute(
            text(
                """
                select city_name_en, score_today, rank_today, appeared_with, delta_method, compared_at
                from report.edition_diff order by ref_area
                """
            )
        ).all()
    assert [tuple(row) for row in found] == [
        ('a "b", c', 0.1, 2, "method", None, at),
        ('a "b", c', None, None, None, None, at),
    ]


def test_lists_become_arrays_and_rows_are_deleted_by_values(warehouse: Engine) -> None:
    with warehouse.begin() as connection:
        write(connection, "city_peer", peers(1, 2, 3))
    assert stored(warehouse)[0] == ("city1", 1, ["size", "income"], [0.25, 0.1])
    with warehouse.begin() as connection:
        delete(connection, "city_peer", ref_area="moscow", peer_ref_area=["city1", "city3", "o'clock"])
        delete(connection, "city_peer", ref_area="paris")
        delete(connection, "city_peer", peer_ref_area=[])
    assert [row[0] for row in stored(warehouse)] == ["city2"]
    with warehouse.begin() as connection:
        replace(connection, "city_peer", peers(4))
    assert [row[0] for row in stored(warehouse)] == ["city4"]


def test_written_columns_must_equal_declared_ones(warehouse: Engine) -> None:
    with warehouse.connect() as connection:
        with pytest.raises(
            CatalogueError,
            match=r"city_peer/table\.yaml: columns\.distance: is declared, but not written.*Next",
        ):
            write(connection, "city_peer", peers(1).drop(columns="distance"))
        with pytest.raises(
            CatalogueError, match=r"city_peer/table\.yaml: columns\.fresh: is written, but not"
        ):
            write(connection, "city_peer", peers(1).assign(fresh=1))


def test_a_fraction_is_not_cast_to_an_integer() -> None:
    with pytest.raises(TypeError, match="cannot safely cast"):
        as_arrow("city_peer", peers(1).assign(position=1.5))
