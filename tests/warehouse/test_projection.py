"""report.projection: projections of sources, compared with the latest observed value."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import URL, Engine, create_engine, text

from city_indicators.ingest import load as ingest
from tests.warehouse.conftest import NOON
from tests.warehouse.entered import LoadInput, Observation, enter

Query = Callable[[str], list[tuple[object, ...]]]


def people(city: str, year: int, number: float, status: str) -> Observation:
    return Observation(city, str(year), number, "POP_AGGLO", "PS", status, "agglomeration")


@pytest.fixture
def loaded(warehouse: Engine, tmp_path: Path) -> None:
    observations = [
        people("moscow", 2017, 12_000_000, "E"),
        people("moscow", 2018, 12_500_000, "E"),
        people("moscow", 2030, 12_750_000, "F"),
        people("moscow", 2035, 12_250_000, "F"),
        # No observed value.
        people("delhi", 2035, 43_000_000, "F"),
        people("tokyo", 2018, 37_000_000, "E"),
    ]
    load = LoadInput("un_wup", range(2017, 2036), observations, indicators=("POP_AGGLO",))
    ingest.publish_load(enter(warehouse, tmp_path, load), tmp_path, warehouse, lambda: NOON)


@pytest.mark.usefixtures("loaded")
def test_a_projection_is_compared_with_the_latest_observed_value(query: Query) -> None:
    assert query(
        """
        select ref_area, time_period, obs_value, obs_status, last_observed_period, last_observed_value,
            difference_to_observed, relative_difference
        from report.projection order by ref_area, time_period
        """
    ) == [
        ("delhi", "2035", 43_000_000, "F", None, None, None, None),
        ("moscow", "2030", 12_750_000, "F", "2018", 12_500_000, 250_000, pytest.approx(0.02)),
        ("moscow", "2035", 12_250_000, "F", "2018", 12_500_000, -250_000, pytest.approx(-0.02)),
    ]


@pytest.mark.usefixtures("loaded")
def test_researchers_read_projections_in_three_languages(warehouse_url: URL) -> None:
    researcher = create_engine(warehouse_url.set(username="researcher"))
    names = "select place_name_ru, place_name_zh from report.projection where time_period = '2030'"
    with researcher.connect() as connection:
        assert [tuple(row) for row in connection.execute(text(names))] == [("Москва", "莫斯科")]
    researcher.dispose()
