"""The ingestion DAGs in a real Airflow: normal runs, unchanged sources, faults and refused loads."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from airflow.sdk.exceptions import AirflowSkipException
from sqlalchemy import Engine, text

from city_indicators.core.errors import GateRefusedError, SourceContractError, SourceUnavailableError
from tests.dags.conftest import MockServer, Outcome
from tests.queries import rows

RunDag = Callable[..., Outcome]

# The logical date at which the interval 2019 ends: its run ingests 2019.
END_OF_2019 = datetime(2020, 1, 1, tzinfo=UTC)

CHART = "per-capita-energy-use.csv"


def observations(warehouse: Engine) -> list[tuple[object, ...]]:
    return rows(
        warehouse,
        "select ref_area, indicator, time_period, obs_value, version from core.observation order by 1, 2, 3",
    )


LOADS = """
select state, read_rows, accepted_rows, rejected_rows, added, revised, withdrawn, unchanged
from ops.load order by load_id
"""


@pytest.mark.parametrize(
    ("dag_id", "count_of_2019"),
    [
        ("ingest_un_wup", 48),
        # 28 countries × 7 indicators
        ("ingest_owid_grapher", 196),
        # 28 countries × the 4 indicators that the sample has, but no PM2.5 for Hong Kong
        ("ingest_world_bank", 139),
    ],
)
def test_a_run_loads_exactly_its_year_and_a_repeat_changes_nothing(
    run_dag: RunDag, warehouse: Engine, dag_id: str, count_of_2019: int
) -> None:
    assert run_dag(dag_id, END_OF_2019).state == "success"
    assert rows(warehouse, "select distinct time_period from core.observation") == [("2019",)]
    before = observations(warehouse)
    assert len(before) == count_of_2019
    assert run_dag(dag_id, END_OF_2019, reload=True).state == "success"
    assert observations(warehouse) == before
    n = count_of_2019
    assert rows(warehouse, LOADS) == [
        ("published", n, n, 0, n, 0, 0, 0),
        ("published", n, n, 0, 0, 0, 0, n),
    ]


def test_the_run_of_2025_loads_what_is_projected_for_2050(run_dag: RunDag, warehouse: Engine) -> None:
    assert run_dag("ingest_future_cities_bastin", datetime(2026, 1, 1, tzinfo=UTC)).state == "success"
    found = "select time_period, obs_status, count(*)::int from core.observation group by 1, 2"
    assert rows(warehouse, found) == [("2050", "F", 86)]


@pytest.mark.parametrize("dag_id", ["ingest_world_bank", "ingest_owid_grapher"])
def test_an_interval_without_data_loads_no_rows(run_dag: RunDag, warehouse: Engine, dag_id: str) -> None:
    # The sample ends with 2024, which is stored first, so that rules on changes have something to compare.
    assert run_dag(dag_id, datetime(2025, 1, 1, tzinfo=UTC)).state == "success"
    before = observations(warehouse)
    assert before
    outcome = run_dag(dag_id, datetime(2026, 1, 1, tzinfo=UTC), reload=True)
    assert (outcome.state, outcome.errors) == ("success", [])
    assert rows(warehouse, LOADS)[-1] == ("published", 0, 0, 0, 0, 0, 0, 0)
    assert observations(warehouse) == before


@pytest.mark.parametrize(
    ("dag_id", "requested"),
    [
        ("ingest_world_bank", ["/world_bank/v2/sources/2?format=json"]),
        (
            "ingest_un_wup",
            ["/un_wup/wup/assets/WUP2018/Files/WUP2018-F22-Cities_Over_300K_Annual.xls"],
        ),
    ],
)
def test_an_unchanged_source_costs_one_request_and_no_load(
    run_dag: RunDag, mock_server: MockServer, warehouse: Engine, dag_id: str, requested: list[str]
) -> None:
    run_dag(dag_id, END_OF_2019)
    before = len(mock_server.requests())
    outcome = run_dag(dag_id, END_OF_2019)
    assert outcome.state == "success"
    assert isinstance(outcome.error, AirflowSkipException)
    assert "still serves the loaded revision" in str(outcome.error)
    assert mock_server.requests()[before:] == requested
    assert len(rows(warehouse, LOADS)) == 1


def test_a_source_without_a_revision_is_loaded_only_if_its_content_changed(
    run_dag: RunDag, mock_server: MockServer, warehouse: Engine
) -> None:
    end_of_2023 = datetime(2024, 1, 1, tzinfo=UTC)
    assert run_dag("ingest_nasa_power", end_of_2023).state == "success"
    before = observations(warehouse)
    assert isinstance(run_dag("ingest_nasa_power", end_of_2023).error, AirflowSkipException)
    mock_server.fault("missing_column", "nasa_power", times=1)
    assert isinstance(run_dag("ingest_nasa_power", end_of_2023).error, SourceContractError)
    assert observations(warehouse) == before


@pytest.mark.parametrize(
    "change",
    [
        "update ops.load set revision = 'another'",
        "update ops.load set declaration = 'another'",
        "update ops.load set interval_end = '2019-07-01'",
        "update ops.load set state = 'validated', published_at = null",
    ],
)
def test_loads_another_revision_declaration_or_interval(
    run_dag: RunDag, warehouse: Engine, change: str
) -> None:
    run_dag("ingest_un_wup", END_OF_2019)
    with warehouse.begin() as connection:
        connection.execute(text(change))
    outcome = run_dag("ingest_un_wup", END_OF_2019)
    assert (outcome.state, outcome.errors) == ("success", [])
    assert len(rows(warehouse, LOADS)) == 2


def test_a_source_without_its_key_is_skipped_with_the_reason(
    run_dag: RunDag, mock_server: MockServer, warehouse: Engine
) -> None:
    before = len(mock_server.requests())
    outcome = run_dag("ingest_openaq", END_OF_2019)
    assert outcome.state == "success"
    assert isinstance(outcome.error, AirflowSkipException)
    assert "enter it as the password of the Airflow connection 'openaq'" in str(outcome.error)
    assert mock_server.requests()[before:] == []
    assert rows(warehouse, LOADS) == []


def test_every_observation_leads_back_to_its_archived_file(
    run_dag: RunDag, warehouse: Engine, tmp_path: object
) -> None:
    run_dag("ingest_un_wup", END_OF_2019)
    found = rows(
        warehouse,
        """
        select version.obs_value, version.pointer, event.url, event.sha256, load.run_id is not null
        from core.observation_version as version
        inner join archive.fetch_event as event on version.fetch_id = event.fetch_id
        inner join ops.load as load on version.load_id = load.load_id
        where version.ref_area = 'guangzhou'
        """,
    )
    ((value, pointer, url, sha256, has_run),) = found
    # 12 967 862 is the file's 12967.862 thousand for 2019.
    assert value == 12967862
    assert str(pointer).startswith("Data!")
    assert str(url).endswith(".xls")
    assert has_run
    archived = tmp_path / "archive" / "sha256" / sha256[:2] / sha256
    assert archived.is_file()


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("server_error", {}),
        ("unavailable", {}),
        ("too_many_requests", {"retry_after": 1}),
    ],
)
def test_a_transient_error_is_requested_again(
    run_dag: RunDag, mock_server: MockServer, warehouse: Engine, kind: str, options: dict[str, float]
) -> None:
    before = len(mock_server.requests())
    mock_server.fault(kind, CHART, times=1, **options)
    assert run_dag("ingest_owid_grapher", END_OF_2019).state == "success"
    # The revisions of three charts, the three charts, and the one repeated request.
    assert len(mock_server.requests()) - before == 10
    assert len(observations(warehouse)) == 196


@pytest.mark.parametrize(
    ("kind", "error", "expected"),
    [
        ("server_error", SourceUnavailableError, "HTTP 500"),
        ("too_many_requests", SourceUnavailableError, "HTTP 429"),
        ("timeout", SourceUnavailableError, "Timeout"),
        ("disconnect", SourceUnavailableError, "no complete answer"),
        ("html", SourceContractError, "HTML"),
        ("missing_column", SourceContractError, "column"),
    ],
)
def test_a_source_that_fails_leaves_the_warehouse_as_it_was(
    run_dag: RunDag,
    mock_server: MockServer,
    warehouse: Engine,
    kind: str,
    error: type[Exception],
    expected: str,
) -> None:
    run_dag("ingest_owid_grapher", END_OF_2019)
    before = observations(warehouse)
    mock_server.fault(kind, CHART, times=50)
    outcome = run_dag("ingest_owid_grapher", END_OF_2019, reload=True)
    assert outcome.state == "failed"
    assert isinstance(outcome.error, error)
    message = str(outcome.error)
    for part in ("source owid_grapher", CHART, expected, "Next step"):
        assert part in message
    assert observations(warehouse) == before


@pytest.mark.parametrize(
    ("dag_id", "path", "kind"),
    [("ingest_world_bank", "SP.POP.TOTL", "JSON"), ("ingest_un_wup", "WUP2018", "a zip")],
)
def test_a_truncated_answer_is_transient_and_names_the_archived_file(
    run_dag: RunDag, mock_server: MockServer, warehouse: Engine, dag_id: str, path: str, kind: str
) -> None:
    mock_server.fault("truncated", path, times=50)
    outcome = run_dag(dag_id, END_OF_2019)
    assert isinstance(outcome.error, SourceUnavailableError)
    assert f"{kind} truncated" in str(outcome.error)
    assert "look at the archived bytes" in str(outcome.error)
    assert observations(warehouse) == []


@pytest.mark.parametrize(
    ("dag_id", "path", "kind", "rule", "expected"),
    [
        ("ingest_world_bank", "SP.POP.TOTL", "unknown_area", "known_area", "not in the catalogue"),
        (
            "ingest_world_bank",
            "SP.POP.TOTL",
            "out_of_range",
            "plausible_range",
            "outside the plausible range",
        ),
        ("ingest_world_bank", "SP.POP.TOTL", "not_a_number", "value_is_number", "is not a number"),
        ("ingest_world_bank", "SP.POP.TOTL", "duplicate_row", "no_repeat", "repeats an earlier row"),
        ("ingest_owid_grapher", CHART, "out_of_range", "plausible_range", "plausible range"),
        ("ingest_un_wup", "WUP2018", "not_a_number", "value_is_number", "is not a number"),
    ],
)
def test_a_bad_row_is_rejected_with_its_reason_and_the_rest_is_loaded(
    run_dag: RunDag,
    mock_server: MockServer,
    warehouse: Engine,
    dag_id: str,
    path: str,
    kind: str,
    rule: str,
    expected: str,
) -> None:
    mock_server.fault(kind, path, times=50)
    assert run_dag(dag_id, END_OF_2019).state == "success"
    ((state, read, accepted, rejected, *_),) = rows(warehouse, LOADS)
    assert (state, rejected) == ("published", 1)
    assert read == accepted + rejected
    assert len(observations(warehouse)) == accepted
    ((found_rule, reason, raw_row, pointer),) = rows(
        warehouse, "select rule, reason, raw_row, pointer from quality.rejected_row"
    )
    assert found_rule == rule
    assert expected in str(reason)
    assert raw_row
    assert pointer


def test_a_bad_row_does_not_withdraw_the_stored_observation(
    run_dag: RunDag, mock_server: MockServer, warehouse: Engine
) -> None:
    run_dag("ingest_world_bank", END_OF_2019)
    before = observations(warehouse)
    mock_server.fault("out_of_range", "SP.POP.TOTL", times=50)
    assert run_dag("ingest_world_bank", END_OF_2019, reload=True).state == "success"
    assert observations(warehouse) == before


def test_a_refused_load_publishes_nothing_and_names_the_reason(
    run_dag: RunDag, mock_server: MockServer, warehouse: Engine
) -> None:
    run_dag("ingest_un_wup", END_OF_2019)
    before = observations(warehouse)
    # The fault removes one city from the workbook; here the warehouse has ten places that the source lacks.
    with warehouse.begin() as connection:
        connection.execute(
            text(
                """
                insert into core.observation_state
                select block_id, 'Z' || ref_area, version, obs_value, unit_measure, obs_status, geo_basis,
                    load_id, fetch_id
                from core.observation_state limit 10
                """
            )
        )
    outcome = run_dag("ingest_un_wup", END_OF_2019, reload=True)
    assert outcome.state == "failed"
    assert isinstance(outcome.error, GateRefusedError)
    assert "10 of 58 stored observations" in str(outcome.error)
    assert "Nothing was published" in str(outcome.error)
    assert [row[0] for row in rows(warehouse, LOADS)] == ["published", "refused"]
    assert [
        observation for observation in observations(warehouse) if not str(observation[0]).startswith("Z")
    ] == before
