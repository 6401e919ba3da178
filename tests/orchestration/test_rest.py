"""The client of Airflow's REST API: requests, repeats and errors."""

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

import pytest

from city_indicators.core.errors import ApiRefusedError, ApiUnavailableError
from city_indicators.orchestration.rest import AirflowApi, FailedTask

PASSWORD = "correct"  # noqa: S105


class FakeAirflow(BaseHTTPRequestHandler):
    """A minimal REST API of Airflow: one pool, two DAGs and one backfill."""

    pools: ClassVar[dict[str, Any]] = {}
    backfills: ClassVar[list[Any]] = []
    faults: ClassVar[list[int]] = []
    """Statuses of the next answers."""
    requests: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        if self.fails():
            return
        path = self.path.partition("?")[0]
        if path.startswith("/api/v2/pools/"):
            pool = self.pools.get(path.rpartition("/")[2])
            self.answer(200 if pool else 404, pool or {"detail": "not found"})
        elif path == "/api/v2/dags":
            times = {"ingest_old": "2024-12-31T23:59:59Z", "ingest_new": "2025-01-01T00:00:01Z"}
            self.answer(200, {"dags": [{"dag_id": d, "last_parsed_time": t} for d, t in times.items()]})
        elif path == "/api/v2/monitor/health":
            well = {"metadatabase": {"status": "healthy"}, "triggerer": {"status": "healthy"}}
            self.answer(200, {**well, "dag_processor": {"status": None}, "scheduler": None})
        else:
            self.answer(500, {"detail": "out of order"})

    def do_POST(self) -> None:
        body = self.body()
        if self.fails():
            return
        if self.path == "/api/v2/dags/~/dagRuns/list":
            self.answer(200, {"total_entries": 7})
        elif self.path == "/auth/token":
            right = body["password"] == PASSWORD
            if not body["username"]:
                self.answer(422, {"detail": [{"msg": "too short", "input": body}]})
            else:
                self.answer(201 if right else 401, {"access_token": "t"} if right else {"detail": "no"})
        elif self.path == "/api/v2/pools":
            self.pools[body["name"]] = body
            self.answer(201, body)
        else:
            self.answer(409 if self.backfills else 200, {})
            self.backfills.append(body)

    def do_PATCH(self) -> None:
        body = self.body()
        self.pools[body["pool"]].update(body)
        self.answer(200, body)

    def fails(self) -> bool:
        self.requests.append(f"{self.command} {self.path.partition('?')[0]}")
        status = self.faults.pop(0) if self.faults else None
        if status:
            self.answer(status, {"detail": "busy"})
        return bool(status)

    def body(self) -> Any:
        return json.loads(self.rfile.read(int(self.headers["Content-Length"])))

    def answer(self, status: int, content: Any) -> None:
        raw = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture
def url() -> Iterator[str]:
    FakeAirflow.pools.clear()
    FakeAirflow.backfills.clear()
    FakeAirflow.faults.clear()
    FakeAirflow.requests.clear()
    server = ThreadingHTTPServer(("127.0.0.1", 0), FakeAirflow)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def api(url: str) -> AirflowApi:
    return AirflowApi(url, "admin", PASSWORD)


def test_a_wrong_password_is_an_error(url: str) -> None:
    with pytest.raises(ApiRefusedError, match=r"(?s)401.*Next step"):
        AirflowApi(url, "admin", "wrong").sign_in()


def test_no_error_contains_the_password(url: str) -> None:
    with pytest.raises(ApiRefusedError, match=r"(?s)422.*too short.*\*\*\*") as caught:
        AirflowApi(url, "", 'a "quoted" word').sign_in()
    assert "quoted" not in str(caught.value)


def test_signing_in_sets_the_token(api: AirflowApi) -> None:
    api.sign_in()
    assert api._session.headers["Authorization"] == "Bearer t"


@pytest.mark.parametrize("slots", [[2], [2, 2], [2, 5]])
def test_a_pool_gets_its_slots_however_often_it_is_requested(api: AirflowApi, slots: list[int]) -> None:
    for wanted in slots:
        api.ensure_pool("source_x", wanted, "Requests to x")
    assert FakeAirflow.pools["source_x"]["slots"] == slots[-1]


def test_an_open_backfill_is_no_error(api: AirflowApi) -> None:
    for _ in range(2):
        api.backfill("ingest_x", "2000-01-01", "2024-12-31", 4)
    assert FakeAirflow.backfills[0]["reprocess_behavior"] == "none"


def test_only_dags_parsed_since_count(api: AirflowApi) -> None:
    assert api.parsed_dags(datetime(2025, 1, 1, tzinfo=UTC)) == {"ingest_new"}


def test_health_of_each_service(api: AirflowApi) -> None:
    assert api.answers()
    assert not api.is_healthy("dag-processor")
    assert not api.is_healthy("scheduler")
    assert api.unhealthy() == ["scheduler", "dag-processor"]
    assert not AirflowApi("http://127.0.0.1:9", "admin", PASSWORD).answers()


def test_a_server_error_names_request_and_answer(api: AirflowApi) -> None:
    with pytest.raises(ApiUnavailableError, match="GET /api/v2/importErrors with 500"):
        api.import_errors(datetime(2025, 1, 1, tzinfo=UTC))


def test_a_read_is_repeated_while_the_server_is_busy(api: AirflowApi) -> None:
    FakeAirflow.faults += [500, 503]
    assert api.parsed_dags(datetime(2025, 1, 1, tzinfo=UTC)) == {"ingest_new"}
    FakeAirflow.faults += [502]
    assert api.count_runs(["ingest_x"], ["running"]) == 7
    assert FakeAirflow.requests == ["GET /api/v2/dags"] * 3 + ["POST /api/v2/dags/~/dagRuns/list"] * 2


def test_what_starts_something_is_not_repeated(api: AirflowApi) -> None:
    FakeAirflow.faults += [500]
    with pytest.raises(ApiUnavailableError, match="500"):
        api.trigger("refresh_reports")
    assert FakeAirflow.requests == ["POST /api/v2/dags/refresh_reports/dagRuns"]


def test_a_server_that_is_down_is_a_transient_error() -> None:
    with pytest.raises(ApiUnavailableError, match="did not answer POST /auth/token"):
        AirflowApi("http://127.0.0.1:9", "admin", PASSWORD).sign_in()


@pytest.mark.parametrize(("map_index", "expected"), [(-1, ""), (3, "map_index=3/")])
def test_the_log_of_a_failed_task(map_index: int, expected: str) -> None:
    task = FailedTask("d", "r", "t", map_index, 2)
    assert task.log == f"dag_id=d/run_id=r/task_id=t/{expected}attempt=2.log"
