"""Declared corrections in the warehouse: recorded, and shown beside the corrected observation."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlalchemy import URL, Engine, create_engine, text

from city_indicators.core.errors import CorrectionExpiredError
from city_indicators.ingest import load as ingest
from city_indicators.ingest.validation import corrections
from city_indicators.reports.refresh import refresh
from city_indicators.warehouse.publish import Outcome
from tests.methods import METHODS, RESEARCH
from tests.warehouse.conftest import CATALOGUE, SOURCE, Publisher
from tests.warehouse.test_publish import MANY
from tests.warehouse.test_submissions import store_observation

Query = Callable[[str], list[tuple[object, ...]]]
Declare = Callable[..., None]
AT = datetime(2026, 2, 1, tzinfo=UTC)
REFERENCE = "https://publisher.example/errata"
CORRECTION = f"the bunkers are counted ({REFERENCE})"


@pytest.fixture
def declare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Declare:
    """Declares one correction of Russia's observation of 2019; without arguments, none."""
    monkeypatch.setattr(corrections, "CORRECTIONS", tmp_path)

    def write(**entry: Any) -> None:
        entries = [
            {
                "id": "russia-bunkers",
                "since": "2026-01-01",
                "match": {"indicator": "ENERGY_PC", "ref_area": "RUS", "time_period": 2019},
                "reason": "the bunkers are counted",
                "reference": REFERENCE,
                "reported": {"status": "reported", "to": "the publisher", "on": "2026-01-02"},
                **entry,
            }
        ]
        content = yaml.safe_dump({"corrections": entries if entry else []})
        (tmp_path / f"{SOURCE.id}.yaml").write_text(content)

    return write


APPLIED = """
select load_id, correction, action, ref_area, indicator, time_period, value_as_published, value_before,
    value_after, status_before, status_after, reason, reference
from quality.correction_applied order by 1
"""
RUSSIA = "select obs_value, obs_status, version from core.observation where ref_area = 'RUS'"
PROFILE = """
select obs_value, correction from report.city_profile where ref_area = 'moscow' and indicator = 'ENERGY_PC'
"""
RATED = """
select raw_value, correction from report.rating_indicator
where ref_area = 'moscow' and indicator = 'ENERGY_PC' and time_period = '2019'
"""


def test_records_every_application_with_its_declaration(
    publisher: Publisher, query: Query, declare: Declare
) -> None:
    declare(action="set", value=60000, expect=1011.5)
    assert publisher.load(MANY) == Outcome(12, 0, 0, 0, 0)
    ((load_id, *applied),) = query(APPLIED)
    assert [(load_id,)] == query("select load_id from ops.load")
    observation = ["RUS", "ENERGY_PC", "2019", "1011.5", 1011.5, 60000.0, "A", "A"]
    assert applied == ["russia-bunkers", "set", *observation, "the bunkers are counted", REFERENCE]
    assert query(RUSSIA) == [(60000.0, "A", 1)]
    # The value as published stays.
    assert query(
        "select value_as_published from core.observation_version where ref_area = 'RUS' and obs_value = 60000"
    ) == [("1011.5",)]
    assert query(
        "select declared -> 'match' ->> 'time_period', declared -> 'reported' ->> 'to', event.url is not null"
        " from quality.correction_applied inner join archive.fetch_event as event using (fetch_id)"
    ) == [('["2019"]', "the publisher", True)]


def test_reports_show_the_correction_beside_its_observation(
    publisher: Publisher, warehouse: Engine, query: Query, declare: Declare
) -> None:
    declare(action="flag", obs_status="U", expect=1011.5)
    publisher.load(MANY)
    refresh(warehouse, METHODS, RESEARCH, AT)
    assert query(PROFILE) == [(1011.5, CORRECTION)]
    assert query(RATED) == [(1011.5, CORRECTION)]
    assert query("select distinct country from report.city_profile where correction is not null") == [
        ("RUS",)
    ]
    assert query(
        "select distinct source_ref_area from report.rating_indicator where correction is not null"
    ) == [("RUS",)]
    # The value of another year is not the corrected one.
    publisher.load(MANY, year=2020)
    refresh(warehouse, METHODS, RESEARCH, AT)
    assert query(PROFILE) == query(RATED.replace("2019", "2020")) == [(1011.5, None)]


def test_a_later_unchanged_load_keeps_the_correction(
    publisher: Publisher, warehouse: Engine, query: Query, declare: Declare
) -> None:
    declare(action="scale", factor=10, expect=1011.5)
    publisher.load(MANY)
    refresh(warehouse, METHODS, RESEARCH, AT)
    assert publisher.load(MANY) == Outcome(0, 0, 0, 12, 0)
    assert refresh(warehouse, METHODS, RESEARCH, AT, rebuild=True).rating_years > 0
    assert query(RUSSIA) == [(10115.0, "A", 1)]
    assert query(PROFILE) == [(10115.0, CORRECTION)]
    assert query(RATED) == [(10115.0, CORRECTION)]
    assert len(query(APPLIED)) == 2


def test_a_removed_correction_is_a_revision(
    publisher: Publisher, warehouse: Engine, query: Query, declare: Declare
) -> None:
    declare(action="set", value=60000, expect=1011.5)
    publisher.load(MANY)
    refresh(warehouse, METHODS, RESEARCH, AT)
    declare()
    assert publisher.load(MANY) == Outcome(0, 1, 0, 11, 0)
    refresh(warehouse, METHODS, RESEARCH, AT)
    assert query(RUSSIA) == [(1011.5, "A", 2)]
    assert query(PROFILE) == [(1011.5, None)]
    # The earlier correction stays on record.
    assert query("select version, correction from report.corrections") == [(1, CORRECTION)]


def test_a_dropped_observation_is_a_rejected_row(
    publisher: Publisher, query: Query, declare: Declare
) -> None:
    declare(action="drop", expect=1011.5)
    assert publisher.load(MANY).added == 11
    assert query("select read_rows, accepted_rows, rejected_rows from ops.load") == [(12, 11, 1)]
    assert query("select ref_area, rule, reason from quality.rejected_row") == [
        ("RUS", "dropped_by_correction", f"correction russia-bunkers: {CORRECTION}")
    ]
    assert query("select action, value_before, value_after from quality.correction_applied") == [
        ("drop", 1011.5, None)
    ]
    assert query(RUSSIA) == []
    assert query("select * from report.corrections") == []


def test_an_expired_correction_records_no_load(publisher: Publisher, query: Query, declare: Declare) -> None:
    declare(action="set", value=60000, expect=1011.5)
    publisher.load(MANY)
    with pytest.raises(CorrectionExpiredError, match="it gives '60000' now"):
        publisher.validate({**MANY, "RUS": 60000})
    assert query("select count(*) from ops.load") == [(1,)]
    assert query(RUSSIA) == [(60000.0, "A", 1)]


def test_does_not_correct_another_year(publisher: Publisher, query: Query, declare: Declare) -> None:
    declare(action="set", value=60000, expect=1.0)
    assert publisher.load(MANY, year=2018).added == 12
    assert query(APPLIED) == []


def test_changed_corrections_change_the_declaration(declare: Declare) -> None:
    without = ingest.declaration(SOURCE, CATALOGUE)
    declare()
    assert ingest.declaration(SOURCE, CATALOGUE) == without
    declare(action="set", value=60000)
    first = ingest.declaration(SOURCE, CATALOGUE)
    declare(action="set", value=60001)
    assert len({without, first, ingest.declaration(SOURCE, CATALOGUE)}) == 3


def test_a_researcher_reads_the_corrections(warehouse_url: URL) -> None:
    with create_engine(warehouse_url.set(username="researcher")).connect() as connection:
        assert connection.execute(text("select count(*) from report.corrections")).scalar_one() == 0


def test_the_profile_prefers_the_citys_own_value(
    publisher: Publisher, warehouse: Engine, query: Query
) -> None:
    publisher.load(MANY)
    store_observation(warehouse, "cdp_emissions", "moscow", 2023, 3.0, "ELEC_USE")
    store_observation(warehouse, "city_submission", "moscow", 2023, 2.0, "ELEC_USE")
    store_observation(warehouse, "city_submission", "moscow", 2022, 1.0, "ELEC_USE")
    refresh(warehouse, METHODS, RESEARCH, AT)
    assert query(
        "select source, obs_value from report.city_profile"
        " where ref_area = 'moscow' and indicator = 'ELEC_USE'"
    ) == [("city_submission", 2.0)]


def test_a_stored_observation_is_withdrawn_once_it_is_dropped(
    publisher: Publisher, query: Query, declare: Declare
) -> None:
    declare()
    publisher.load(MANY)
    declare(action="drop", expect=1011.5)
    assert publisher.load(MANY) == Outcome(0, 0, 1, 11, 0)
    assert query(RUSSIA) == []
