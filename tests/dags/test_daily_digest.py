"""The daily digest in a real Airflow: it covers the last day only."""

import json
import re
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from sqlalchemy import Engine, text

from city_indicators.orchestration import notify
from tests.dags.conftest import MockServer, Outcome
from tests.dags.test_ingest_runs import END_OF_2019
from tests.queries import rows

RunDag = Callable[..., Outcome]

HALF_PAST_EIGHT = datetime(2026, 3, 1, 8, 30, tzinfo=UTC)


class Api(BaseHTTPRequestHandler):
    """Airflow's API, with an unhealthy triggerer and without a DAG processor."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.answer({"access_token": "t"})

    def do_GET(self) -> None:
        status = {"metadatabase": "healthy", "scheduler": "healthy", "triggerer": "unhealthy"}
        health = {service: {"status": each} for service, each in status.items()}
        self.answer({**health, "dag_processor": {"status": None}})

    def answer(self, content: object) -> None:
        raw = json.dumps(content).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture
def unhealthy_services(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Api)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    connection = {"conn_type": "http", "host": f"http://127.0.0.1:{server.server_port}", "login": "tasks"}
    monkeypatch.setenv("AIRFLOW_CONN_AIRFLOW_API", json.dumps(connection))
    yield
    server.shutdown()
    server.server_close()


@pytest.fixture
def digest(run_dag: RunDag, caplog: pytest.LogCaptureFixture) -> Callable[[], str]:
    """Run the digest now; returns its message."""

    def run() -> str:
        caplog.clear()
        assert run_dag("daily_digest", HALF_PAST_EIGHT).state == "success"
        (message,) = [m for m in (r.getMessage() for r in caplog.records) if m.startswith("daily_digest:")]
        return message

    return run


def test_a_day_with_a_good_load_rejected_rows_and_a_failure(
    run_dag: RunDag, mock_server: MockServer, warehouse: Engine, digest: Callable[[], str]
) -> None:
    mock_server.fault("out_of_range", "SP.POP.TOTL", times=50)
    run_dag("ingest_world_bank", END_OF_2019)
    mock_server.fault("html", "owid_grapher", times=50)
    assert run_dag("ingest_owid_grapher", END_OF_2019).state == "failed"
    message = digest()
    assert "loads 1, rows rejected 1, " in message.splitlines()[0]
    assert "tasks failed 1" in message.splitlines()[0]
    # 28 countries × 4 indicators, without the PM2.5 of Hong Kong, one of them out of range.
    assert (
        "  world_bank: 1 published, 0 refused, 0 not yet published; 139 rows read, 1 rejected; 138 obs"
        in message
    )
    assert "  world_bank: plausible_range 1" in message
    assert "  un_wup: never, never_requested: POP_AGGLO" in message
    assert "validate of " in message
    assert "SourceContractError: source owid_grapher" in message
    with warehouse.begin() as connection:
        connection.execute(text("update ops.load set validated_at = validated_at - interval '1 day'"))
        connection.execute(text("update ops.task_failure set failed_at = failed_at - interval '1 day'"))
    before = digest()
    assert "MB since" not in message
    assert len(re.findall(r"MB, [+-]0\.\d MB since 20", before)) == 2
    assert before.splitlines()[0].endswith("tasks failed 0")
    assert "loads 0, rows rejected 0, " in before


@pytest.mark.usefixtures("unhealthy_services")
def test_unhealthy_services_are_in_the_first_line(digest: Callable[[], str]) -> None:
    assert ": not healthy: triggerer, dag-processor; loads 0, " in digest().splitlines()[0]


def test_the_digest_is_sent_if_services_cannot_be_checked(
    digest: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AIRFLOW_CONN_AIRFLOW_API")
    assert ": not healthy: airflow_api; loads 0, " in digest().splitlines()[0]
    monkeypatch.setenv("AIRFLOW_CONN_AIRFLOW_API", '{"conn_type": "http", "host": "http://127.0.0.1:9"}')
    assert ": not healthy: airflow_api; loads 0, " in digest().splitlines()[0]


def test_a_failure_is_recorded_in_one_line_with_its_run(
    run_dag: RunDag, mock_server: MockServer, warehouse: Engine
) -> None:
    mock_server.fault("html", "un_wup", times=50)
    run_dag("ingest_un_wup", END_OF_2019)
    ((dag_id, task_id, known, error),) = rows(
        warehouse, "select dag_id, task_id, run_id like '%__2%', error from ops.task_failure"
    )
    assert (dag_id, task_id, known) == ("ingest_un_wup", "validate", True)
    assert str(error).startswith("SourceContractError: source un_wup")
    assert "\n" not in str(error)
    assert len(str(error)) <= 500


def test_a_digest_that_cannot_be_sent_fails(
    run_dag: RunDag, warehouse: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    nobody = '{"conn_type": "smtp", "host": "127.0.0.1", "port": 1, "extra": {"to": "ops@example.org"}}'
    monkeypatch.setenv(f"AIRFLOW_CONN_{notify.CONNECTION.upper()}", nobody)
    assert run_dag("daily_digest", HALF_PAST_EIGHT).state == "failed"
    ((task_id, error),) = rows(warehouse, "select task_id, error from ops.task_failure")
    assert task_id == "send_digest"
    assert "NotSentError: not sent: daily_digest: " in str(error)
