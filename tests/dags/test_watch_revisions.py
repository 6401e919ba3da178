"""`watch_revisions` in a real Airflow: its requests, and the runs it starts."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import Engine, delete, select, text, update

from city_indicators.catalog import load_sources
from tests.dag_bag import dag_bag
from tests.dags.conftest import MockServer, Outcome
from tests.dags.test_ingest_runs import END_OF_2019, observations
from tests.queries import rows

RunDag = Callable[..., Outcome]

FIVE = datetime(2021, 3, 1, 5, tzinfo=UTC)
WATCHED = {source.id: source for source in load_sources().values() if source.revision}
INGESTED = "ingest_un_wup"


def started() -> list[tuple[str, str, dict[str, object], date, date, str]]:
    """The runs that the watch started and that are still queued."""
    from airflow.models.dagrun import DagRun
    from airflow.utils.session import create_session

    with create_session() as session:
        runs = session.scalars(select(DagRun).where(DagRun.run_id.startswith("revision__"))).all()
        return [
            (
                run.dag_id,
                run.run_id,
                {key: value for key, value in run.conf.items() if key != "openlineage"},
                run.data_interval_start.date(),
                run.data_interval_end.date(),
                str(run.state),
            )
            for run in runs
        ]


@pytest.fixture
def watch(run_dag: RunDag) -> Iterator[Callable[[], Outcome]]:
    """Run the watch, each time a day later; the runs it started are deleted at the end."""
    from airflow.models.dagrun import DagRun
    from airflow.utils.session import create_session

    days = iter(range(100))
    yield lambda: run_dag("watch_revisions", FIVE + timedelta(days=next(days)))
    with create_session() as session:
        session.execute(delete(DagRun).where(DagRun.run_id.startswith("revision__")))


def pause(dag_id: str, paused: bool) -> None:
    from airflow.models.dag import DagModel
    from airflow.utils.session import create_session

    with create_session() as session:
        session.execute(update(DagModel).where(DagModel.dag_id == dag_id).values(is_paused=paused))


@pytest.fixture
def known(run_dag: RunDag) -> None:
    """Register the ingestion in Airflow's database with a first run."""
    run_dag(INGESTED, END_OF_2019)
    pause(INGESTED, False)


def requests_since(mock_server: MockServer, before: int) -> Counter[str]:
    """How many requests each source got since then."""
    return Counter(path.split("/")[1] for path in mock_server.requests()[before:])


REFUSED = """
insert into ops.load (
    source, dag_id, run_id, interval_start, interval_end, indicators, state, refusals, read_rows,
    accepted_rows, rejected_rows, empty_cells, out_of_scope_rows, validated_at, staged_path, revision
)
select source, dag_id, run_id, interval_start, interval_end, indicators, 'refused', '{gone}', 0, 0, 0, 0, 0,
    validated_at, staged_path, (select revision from ops.source_check where source = 'un_wup')
from ops.load
"""
ADDRESSES = {source_id: len(source.revision.paths or ("",)) for source_id, source in WATCHED.items()}


def test_an_unchanged_source_costs_one_request_and_starts_nothing(
    watch: Callable[[], Outcome], run_dag: RunDag, mock_server: MockServer, warehouse: Engine
) -> None:
    for dag_id in ("ingest_un_wup", "ingest_world_bank", "ingest_owid_grapher"):
        run_dag(dag_id, END_OF_2019)
    loads = rows(warehouse, "select load_id, state from ops.load order by 1")
    before = len(mock_server.requests())
    assert watch().state == "success"
    assert requests_since(mock_server, before) == ADDRESSES
    assert ADDRESSES["world_bank"] == ADDRESSES["un_wup"] == 1
    assert started() == []
    assert rows(warehouse, "select load_id, state from ops.load order by 1") == loads
    assert {source for (source,) in rows(warehouse, "select source from ops.source_check")} == WATCHED.keys()


@pytest.mark.usefixtures("known")
def test_a_changed_source_is_ingested_from_its_first_outdated_year(
    watch: Callable[[], Outcome], run_dag: RunDag, mock_server: MockServer, warehouse: Engine
) -> None:
    for year in (2017, 2018, 2019):
        run_dag(INGESTED, datetime(year, 1, 1, tzinfo=UTC))
    with warehouse.begin() as connection:
        connection.execute(
            text("update ops.load set revision = 'ETag:\"of yesterday\"' where interval_start < '2018-01-01'")
        )
    assert watch().state == "success"
    # The load of 2016 is the first with another revision; the interval of the run is the last complete year.
    ((dag_id, run_id, conf, first, end, state),) = started()
    assert (dag_id, conf, state) == (INGESTED, {"since": 2016}, "queued")
    this_year = int(run_id.removeprefix("revision__")[:4])
    assert (first, end) == (date(this_year - 1, 1, 1), date(this_year, 1, 1))
    before = len(mock_server.requests())
    outcome = run_dag(INGESTED, datetime(2021, 1, 1, 1, tzinfo=UTC), since=2016)
    assert (outcome.state, outcome.errors) == ("success", [])
    # The revision and the workbook, once for five years.
    assert len(mock_server.requests()) - before == 2
    latest = (
        "select interval_start, interval_end, unchanged, added from ops.load order by load_id desc limit 1"
    )
    ((first, end, unchanged, added),) = rows(warehouse, latest)
    # The file ends with projections for ten more years.
    assert (first, end) == (date(2016, 1, 1), date(2031, 1, 1))
    # Four years of 48 cities were stored before; 2020 to 2025, where the sample ends, are new.
    assert (unchanged, added) == (4 * 48, 6 * 48)
    assert len(observations(warehouse)) == 10 * 48


@pytest.mark.usefixtures("known")
def test_a_change_is_not_started_twice_or_after_a_refusal(
    watch: Callable[[], Outcome], warehouse: Engine
) -> None:
    # A scheduled run covers the trailing years, which may begin before the source does.
    old = "update ops.load set revision = 'ETag:\"of yesterday\"', interval_start = '1996-01-01'"
    with warehouse.begin() as connection:
        connection.execute(text(old))
    watch()
    ((_, _, conf, *_),) = started()
    assert conf == {"since": 1996}
    watch()
    assert len(started()) == 1
    from airflow.models.dagrun import DagRun
    from airflow.utils.session import create_session

    with create_session() as session:
        session.execute(update(DagRun).where(DagRun.run_id.startswith("revision__")).values(state="failed"))
    # A run that failed before its validation is started again.
    watch()
    assert len(started()) == 2
    with create_session() as session:
        session.execute(delete(DagRun).where(DagRun.run_id.startswith("revision__")))
    with warehouse.begin() as connection:
        connection.execute(text(REFUSED))
    watch()
    assert started() == []


@pytest.mark.usefixtures("known")
def test_a_paused_source_is_checked_but_not_started(watch: Callable[[], Outcome], warehouse: Engine) -> None:
    with warehouse.begin() as connection:
        connection.execute(text("update ops.load set revision = 'ETag:\"of yesterday\"'"))
    pause(INGESTED, True)
    watch()
    assert started() == []
    ((changed,),) = rows(
        warehouse, "select changed_at is not null from ops.source_check where source = 'un_wup'"
    )
    assert changed


def test_a_failing_source_does_not_block_the_others(
    watch: Callable[[], Outcome], mock_server: MockServer, warehouse: Engine
) -> None:
    mock_server.fault("server_error", "/un_wup/", times=50)
    assert watch().state == "failed"
    assert {source for (source,) in rows(warehouse, "select source from ops.source_check")} == (
        WATCHED.keys() - {"un_wup"}
    )


def test_a_busy_source_does_not_block_the_others(
    watch: Callable[[], Outcome], mock_server: MockServer, warehouse: Engine
) -> None:
    mock_server.fault("too_many_requests", "/un_wup/", times=50, retry_after=86_400)
    assert watch().state == "success"
    assert {source for (source,) in rows(warehouse, "select source from ops.source_check")} == (
        WATCHED.keys() - {"un_wup"}
    )


def test_the_check_has_priority_over_the_fetches_of_a_backfill(metadata: None) -> None:
    dags = dag_bag().dags
    for source in WATCHED.values():
        check = dags["watch_revisions"].get_task(f"check_{source.id}")
        fetch = dags[source.dag_id].get_task("fetch")
        # Airflow adds the weights of downstream tasks.
        weight = sum(each.priority_weight for each in dags[source.dag_id].tasks)
        assert (check.pool, check.priority_weight > weight) == (fetch.pool, True)


def test_an_overdue_year_without_a_revision_is_started_once_a_week(
    watch: Callable[[], Outcome], run_dag: RunDag, mock_server: MockServer, warehouse: Engine
) -> None:
    run_dag("ingest_nasa_power", datetime(2024, 1, 1, tzinfo=UTC))
    pause("ingest_nasa_power", False)
    with warehouse.begin() as connection:
        connection.execute(text("update catalog.expectation set lag_days = null, last_period = '2024'"))
    before = len(mock_server.requests())
    watch()
    assert started() == []
    with warehouse.begin() as connection:
        connection.execute(text("update ops.source_check set checked_at = checked_at - interval '8 days'"))
        connection.execute(text("update archive.fetch_event set fetched_at = fetched_at - interval '8 days'"))
    watch()
    ((dag_id, _, conf, *_),) = started()
    assert (dag_id, conf) == ("ingest_nasa_power", {"since": 2024})
    assert "nasa_power" not in requests_since(mock_server, before)


def test_every_fetched_source_is_watched() -> None:
    tasks = {task.task_id for task in dag_bag().dags["watch_revisions"].tasks}
    sources = [source.id for source in load_sources().values() if not source.is_submission]
    assert tasks == {f"{does}_{source_id}" for source_id in sources for does in ("check", "start")}
