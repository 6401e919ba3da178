"""Bad input in real runs: a typed error, rejected rows, or a refused load."""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine

from city_indicators.core.errors import GateRefusedError, SourceContractError
from tests.dags.conftest import MockServer, Outcome
from tests.queries import rows

RunDag = Callable[..., Outcome]

END_OF_2019 = datetime(2020, 1, 1, tzinfo=UTC)
OWID, WORLD_BANK, WUP = "ingest_owid_grapher", "ingest_world_bank", "ingest_un_wup"
ENERGY, CO2 = (
    "per-capita-energy-use.csv",
    "co-emissions-per-capita.csv",
)
# 28 countries × 7 indicators, and 48 cities.
OWID_OBSERVATIONS, WUP_OBSERVATIONS = 196, 48


def observations(warehouse: Engine) -> dict[tuple[object, ...], object]:
    query = "select ref_area, indicator, time_period, obs_value from core.observation"
    return {row[:3]: row[3] for row in rows(warehouse, query)}


def rejected(warehouse: Engine) -> list[tuple[object, ...]]:
    return rows(warehouse, "select rule, value_as_published from quality.rejected_row order by 1, 2")


@pytest.fixture
def five_years(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let runs ingest five years, as scheduled runs do."""
    from city_indicators.orchestration import ingest_tasks

    own = ingest_tasks.interval_of
    monkeypatch.setattr(ingest_tasks, "interval_of", lambda *arguments: own(*arguments).reaching_back(4))


def test_rejects_cells_that_are_not_numbers_and_loads_the_rest(
    run_dag: RunDag, mock_server: MockServer, warehouse: Engine
) -> None:
    mock_server.fault("not_finite", ENERGY)
    mock_server.fault("decimal_comma", CO2)
    assert run_dag(OWID, END_OF_2019).state == "success"
    found = rejected(warehouse)
    assert {rule for rule, _ in found} == {"value_is_number"}
    texts = [str(value) for _, value in found]
    assert sorted(t for t in texts if "," not in t) == ["1e400", "Infinity", "NaN"]
    assert len(texts) == 4
    assert len(observations(warehouse)) == OWID_OBSERVATIONS - 4


def test_other_digits_and_encodings_change_no_value(
    run_dag: RunDag, mock_server: MockServer, warehouse: Engine
) -> None:
    assert run_dag(OWID, END_OF_2019).state == "success"
    before = observations(warehouse)
    mock_server.fault("arabic_digits", ENERGY)
    # Places of this source are identified by code, not by the name that lost a letter.
    mock_server.fault("mixed_encoding", CO2)
    assert run_dag(OWID, END_OF_2019, reload=True).state == "success"
    assert observations(warehouse) == before
    assert rejected(warehouse) == []


def test_rejects_json_values_that_are_not_numbers(
    run_dag: RunDag, mock_server: MockServer, warehouse: Engine
) -> None:
    mock_server.fault("not_finite", "SP.POP.TOTL")
    mock_server.fault("decimal_comma", "SP.URB.TOTL.IN.ZS")
    assert run_dag(WORLD_BANK, END_OF_2019).state == "success"
    found = rejected(warehouse)
    assert [rule for rule, _ in found] == ["value_is_number"] * 2
    assert "inf" in {value for _, value in found}
    assert len(observations(warehouse)) == 139 - 2


def test_an_indicator_without_any_value_is_refused(
    run_dag: RunDag, mock_server: MockServer, warehouse: Engine
) -> None:
    mock_server.fault("all_null", "NY.GDP.PCAP.PP.KD")
    outcome = run_dag(WORLD_BANK, END_OF_2019)
    assert outcome.state == "failed"
    assert "RUS GDP_PC_PPP 2019 is not given, but was published as" in str(outcome.error)
    assert observations(warehouse) == {}


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("unclosed_quote", "is not CSV"),
        ("nbsp_in_header", "is declared as"),
    ],
)
def test_a_broken_csv_is_refused_and_nothing_is_published(
    run_dag: RunDag, mock_server: MockServer, warehouse: Engine, kind: str, expected: str
) -> None:
    mock_server.fault(kind, ENERGY)
    outcome = run_dag(OWID, END_OF_2019)
    assert outcome.state == "failed"
    assert isinstance(outcome.error, SourceContractError)
    for part in ("source owid_grapher", ENERGY, expected, "Next step"):
        assert part in str(outcome.error)
    assert observations(warehouse) == {}


def test_a_dangerous_workbook_is_refused_and_invisible_spaces_are_ignored(
    run_dag: RunDag, mock_server: MockServer, warehouse: Engine
) -> None:
    for kind, expected in (
        ("macro", "the workbook holds a macro"),
        ("external_link", "the workbook holds links to other files"),
        ("zip_bomb", "bytes unpacks to 67,"),
        ("formula", "of xl/worksheets/sheet1.xml holds a formula without a saved value"),
    ):
        mock_server.fault(kind, "WUP2018")
        outcome = run_dag(WUP, END_OF_2019)
        assert outcome.state == "failed"
        assert isinstance(outcome.error, SourceContractError)
        for part in ("source un_wup", "WUP2018-F22", expected, "Next step: leave the archived bytes"):
            assert part in str(outcome.error)
        assert observations(warehouse) == {}
    mock_server.fault("nbsp_in_header", "WUP2018")
    assert run_dag(WUP, END_OF_2019).state == "success"
    assert len(observations(warehouse)) == WUP_OBSERVATIONS


def test_the_gate_refuses_a_source_that_shrinks_or_repeats_itself(
    run_dag: RunDag, mock_server: MockServer, warehouse: Engine, five_years: None
) -> None:
    assert run_dag(OWID, END_OF_2019).state == "success"
    before = observations(warehouse)
    assert len(before) == 5 * OWID_OBSERVATIONS
    for kind, path, expected in (
        ("half_the_cities", ".csv", "490 of 980 stored observations"),
        ("all_null", ENERGY, "140 of 980 stored observations"),
        ("duplicated_page", ".csv", "980 of 1960 rows were rejected"),
        ("year_missing", ".csv", "7 stored periods are gone from the source, the first is CO2_PC 2017"),
    ):
        mock_server.fault(kind, path, times=3 if path == ".csv" else 1)
        outcome = run_dag(OWID, END_OF_2019, reload=True)
        assert outcome.state == "failed"
        assert isinstance(outcome.error, GateRefusedError)
        assert expected in str(outcome.error)
        assert observations(warehouse) == before


def test_the_gate_refuses_a_unit_changed_by_a_thousand(
    run_dag: RunDag, mock_server: MockServer, warehouse: Engine
) -> None:
    assert run_dag(WORLD_BANK, END_OF_2019).state == "success"
    before = observations(warehouse)
    mock_server.fault("factor_1000", "SP.POP.TOTL")
    outcome = run_dag(WORLD_BANK, END_OF_2019, reload=True)
    assert isinstance(outcome.error, GateRefusedError)
    assert "28 of 139 rows were rejected" in str(outcome.error)
    counted = Counter(rule for rule, _ in rejected(warehouse))
    assert set(counted) <= {"plausible_range", "revision_bound", "jump_bound"}
    assert counted.total() == 28
    assert observations(warehouse) == before
