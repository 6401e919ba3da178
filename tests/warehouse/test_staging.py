"""Loads with snapshots and staged rows on disk or in a bucket."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Engine

from city_indicators.core.errors import StorageError
from tests.core.test_storage import limited
from tests.warehouse.conftest import Publisher


@pytest.fixture
def publisher(warehouse: Engine, storage: str) -> Publisher:
    from airflow.sdk import ObjectStoragePath

    return Publisher(warehouse, ObjectStoragePath(storage))


def staged(publisher: Publisher) -> list[Path]:
    return [file for file in publisher.staging.rglob("*.parquet") if file.is_file()]


def test_rows_are_staged_published_and_revised(
    publisher: Publisher, query: Callable[[str], list[tuple[object, ...]]]
) -> None:
    first = publisher.load({"RUS": 60000, "CHN": 28000, "BRA": "n/a"})
    assert (first.added, first.revised) == (2, 0)
    second = publisher.load({"RUS": 60000, "CHN": 29000})
    assert (second.added, second.revised, second.unchanged) == (0, 1, 1)
    observations = "select ref_area, obs_value, version from core.observation order by 1"
    assert query(observations) == [("CHN", 29000.0, 2), ("RUS", 60000.0, 1)]
    assert len(staged(publisher)) == 2


def test_a_full_disk_of_the_staging_folder_says_so_and_recovers(
    warehouse: Engine, tmp_path: Path, query: Callable[[str], list[tuple[object, ...]]]
) -> None:
    publisher = Publisher(warehouse, tmp_path)
    # The archived answer fits, the staged rows do not.
    with limited(1000), pytest.raises(StorageError, match=r"\.parquet: File too large; nothing was written"):
        publisher.load({"RUS": 60000})
    assert query("select count(*) from ops.load") == [(0,)]
    assert publisher.load({"RUS": 60000}).added == 1
