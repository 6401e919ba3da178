"""Data submitted by cities: what it replaces, what it keeps, and its precedence."""

import itertools
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import URL, Engine, text

from city_indicators.core.archive import Archive
from city_indicators.core.snapshots import Answer
from city_indicators.ingest import load as ingest
from city_indicators.intake.submissions import connector as submission
from city_indicators.intake.submissions.file import COLUMNS
from city_indicators.orchestration.formats import register_formats
from city_indicators.reports.refresh import refresh
from city_indicators.warehouse.ledger import Run
from city_indicators.warehouse.publish import Outcome
from tests.methods import METHODS, RESEARCH
from tests.warehouse.conftest import CATALOGUE, NOON, Publisher
from tests.warehouse.pages import USER, pages

register_formats()

Query = Callable[[str], list[tuple[object, ...]]]
SOURCE = CATALOGUE.sources["city_submission"]
AT = datetime(2026, 2, 1, tzinfo=UTC)
COMMON = "office,2025-03-31,https://city.example/report.pdf,"


class Cities:
    """Submits forms of cities, one after the other."""

    def __init__(self, warehouse: Engine, folder: Path) -> None:
        self._warehouse = warehouse
        self._folder = folder
        self._minutes = itertools.count()

    def send(self, *rows: str) -> Outcome:
        """Load a form of rows "city,indicator,period,value,unit"."""
        at = NOON + timedelta(minutes=next(self._minutes))
        content = "\n".join([",".join(COLUMNS), *(f"{row},{COMMON}" for row in rows)]).encode()
        archive = Archive(self._folder / "archive")
        snapshot = archive.store(
            SOURCE.id, Answer("file:///srv/inbox/form.csv", content, "text/csv", None, None), at
        )
        load_id = ingest.validate(
            SOURCE,
            CATALOGUE,
            submission.interval(SOURCE, snapshot, content),
            [snapshot],
            # All in one run, as for files submitted together.
            Run("receive_submissions", "test", snapshot.sha256),
            archive,
            self._folder / "staged",
            self._warehouse,
            at,
        )
        return ingest.publish_load(load_id, self._folder / "staged", self._warehouse, lambda: at)


@pytest.fixture
def cities(warehouse: Engine, tmp_path: Path) -> Cities:
    return Cities(warehouse, tmp_path)


OBSERVATIONS = """
select ref_area, indicator, time_period, obs_value from core.observation order by 1, 2, 3
"""


def test_a_form_replaces_its_rows_and_withdraws_nothing(cities: Cities, query: Query) -> None:
    first = cities.send(
        "moscow,ELEC_USE,2023,60100,GWh",
        "moscow,ELEC_USE,2024,61000,GWh",
        "moscow,HEAT_USE,2023,100000,GWh",
    )
    assert first == Outcome(added=3, revised=0, withdrawn=0, unchanged=0, outdated=0)
    # The same indicators and years, for another city and for part of Moscow.
    assert cities.send("beijing,ELEC_USE,2023,135000,GWh") == Outcome(1, 0, 0, 0, 0)
    second = cities.send("moscow,ELEC_USE,2023,59900,GWh", "moscow,HEAT_USE,2024,99000,GWh")
    assert second == Outcome(added=1, revised=1, withdrawn=0, unchanged=0, outdated=0)
    assert query(OBSERVATIONS) == [
        ("beijing", "ELEC_USE", "2023", 135000.0),
        ("moscow", "ELEC_USE", "2023", 59900.0),
        ("moscow", "ELEC_USE", "2024", 61000.0),
        ("moscow", "HEAT_USE", "2023", 100000.0),
        ("moscow", "HEAT_USE", "2024", 99000.0),
    ]
    assert query("select state, partial, refusals from ops.load") == [("published", True, [])] * 3


def test_the_same_form_again_changes_nothing(cities: Cities, query: Query) -> None:
    cities.send("moscow,ELEC_USE,2023,60100,GWh")
    assert cities.send("moscow,ELEC_USE,2023,60.1,TWh") == Outcome(0, 0, 0, 1, 0)
    assert query("select count(*) from core.observation_version") == [(1,)]


def test_wrong_rows_do_not_block_the_others(cities: Cities, query: Query) -> None:
    years = range(2018, 2024)
    outcome = cities.send(
        *(f"moscow,ELEC_USE,{year},60100,GWh" for year in years),
        "moscow,POP_CITY,2023,13000000,persons",
        "moscow,METRO_KM,2023,466,GWh",
    )
    assert outcome.added == 6
    assert query("select read_rows, accepted_rows, rejected_rows, state from ops.load") == [
        (8, 6, 2, "published")
    ]
    assert query("select rule, ref_area, indicator from quality.rejected_row order by 1") == [
        ("population_is_exact", "moscow", "POP_CITY"),
        ("unit_fits", "moscow", "METRO_KM"),
    ]


def test_a_row_without_a_known_city_is_stored_as_rejected(cities: Cities, query: Query) -> None:
    cities.send("Mosow,WASTE_BURNT,soon,5,%")
    assert query("select ref_area, indicator, time_period, rule from quality.rejected_row") == [
        (None, "WASTE_BURNT", "soon", "city_is_known")
    ]


def test_the_files_of_one_run_are_staged_separately(cities: Cities, query: Query) -> None:
    cities.send("moscow,ELEC_USE,2023,60100,GWh")
    cities.send("beijing,ELEC_USE,2023,135000,GWh")
    assert query("select count(distinct staged_path), count(distinct run_id) from ops.load") == [(2, 1)]


def test_lineage_shows_the_name_of_the_form_and_its_evidence(
    cities: Cities, query: Query, warehouse_url: URL, tmp_path: Path
) -> None:
    cities.send("moscow,ELEC_USE,2023,60100,GWh", "moscow,ELEC_USE,2022,60000,GWh")
    ((sha256, citation),) = query("select distinct sha256, citation from core.origin")
    of_form = f"form.csv (SHA-256 {sha256}, received 2026-01-01)"
    assert str(citation) == f"{SOURCE.attribution} {of_form}"
    key = {"ref_area": "moscow", "indicator": "ELEC_USE", "time_period": "2023", "source": SOURCE.id}
    client = TestClient(pages(warehouse_url, tmp_path), headers=USER)
    page = client.get("/lineage/observation", params=key).text
    assert "/srv/inbox" not in page
    for shown in ("form.csv", "line 2", 'href="https://city.example/report.pdf"', "office", "2025-03-31"):
        assert shown in page
    assert "/srv/inbox" not in client.get("/loads/1").text
    Archive(tmp_path / "archive")._path(str(sha256)).unlink()
    lost = client.get("/lineage/observation", params=key).text
    assert "form.csv" in lost
    assert "city.example" not in lost


RATED = """
select raw_value, raw_time_period, geo_basis, source, source_ref_area from report.rating_indicator
where ref_area = 'moscow' and time_period = '2024' and indicator = 'ELEC_COAL_OIL_SHARE'
"""


INSERT_OBSERVATION = text(
    """
    with
    block as (
        insert into core.observation_block (source, indicator, time_period, observations, load_id)
        select :source, :indicator, :year, 1, max(load_id) from ops.load
        on conflict (indicator, time_period, source) do update set digest = null
        returning *
    ),

    version as (
        insert into core.observation_version (
            ref_area, indicator, time_period, source, version, freq, obs_value, unit_measure,
            obs_status, geo_basis, withdrawn, load_id, fetch_id, known_from
        )
        select
            :ref_area, indicator, block.time_period, block.source, 1, 'A', :value, unit_measure,
            'A', :basis, false, block.load_id, fetch_id, load.published_at
        from block
        inner join catalog.indicator using (indicator)
        inner join ops.load as load on block.load_id = load.load_id
        cross join (select max(fetch_id) as fetch_id from ops.load_fetch) as fetched
        returning *
    )

    insert into core.observation_state
    select block_id, ref_area, version, obs_value, unit_measure, obs_status, geo_basis,
        version.load_id, fetch_id
    from version inner join block using (source, indicator, time_period)
    """
)


def store_observation(
    warehouse: Engine,
    source: str,
    ref_area: str,
    year: int,
    value: float,
    indicator: str,
    basis: str | None = None,
) -> None:
    """Insert an observation of any source, as if it had been published."""
    with warehouse.begin() as connection:
        values = {
            "ref_area": ref_area,
            "indicator": indicator,
            "year": str(year),
            "source": source,
            "value": value,
            "basis": basis or ("country" if ref_area.isupper() else "city"),
        }
        connection.execute(INSERT_OBSERVATION, values)


def test_submitted_values_precede_national_and_other_sources(
    cities: Cities, publisher: Publisher, warehouse: Engine, query: Query
) -> None:
    publisher.load({"RUS": 60000}, year=2024)
    store_observation(warehouse, "owid_grapher", "RUS", 2024, 19.0, "ELEC_COAL_OIL_SHARE")
    refresh(warehouse, METHODS, RESEARCH, AT)
    assert query(RATED) == [(19.0, "2024", "country", "owid_grapher", "RUS")]
    # Another source of the city, for the same year as the national one.
    store_observation(warehouse, "cdp_emissions", "moscow", 2024, 3.0, "ELEC_COAL_OIL_SHARE")
    refresh(warehouse, METHODS, RESEARCH, AT, rebuild=True)
    assert query(RATED) == [(3.0, "2024", "city", "cdp_emissions", "moscow")]
    # The city itself, for an earlier year and later in the alphabet.
    cities.send("moscow,ELEC_COAL_OIL_SHARE,2023,1.5,%")
    refresh(warehouse, METHODS, RESEARCH, AT)
    assert query(RATED) == [(1.5, "2023", "city", "city_submission", "moscow")]


def test_the_warehouse_knows_the_precedence_of_every_source(query: Query) -> None:
    known = dict(query("select source, precedence from catalog.source"))
    assert known == {source.id: source.precedence for source in CATALOGUE.sources.values()}
    assert known["city_submission"] == 10


def test_the_interval_of_a_load_covers_its_form(cities: Cities, query: Query) -> None:
    cities.send("moscow,ELEC_USE,2021,60100,GWh", "moscow,ELEC_USE,2023,60100,GWh")
    assert query("select interval_start, interval_end from ops.load") == [
        (date(2021, 1, 1), date(2024, 1, 1))
    ]
