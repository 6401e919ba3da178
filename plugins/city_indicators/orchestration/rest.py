"""A client of Airflow's public REST API, for standalone/ and the tasks."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import requests
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

from city_indicators.core.errors import ApiRefusedError, ApiUnavailableError

TIMEOUT = 30.0
NEXT_STEP = "read the log of the API server: .local/logs/api-server.log, or by docker compose"
TRANSIENT_STATUSES = frozenset({408, 429})
REPEATED: Final = Retry(
    total=4,
    connect=0,
    read=2,
    backoff_factor=0.2,
    status_forcelist=(500, 502, 503, 504),
    allowed_methods=("GET", "PATCH"),
    raise_on_status=False,
)
"""How requests that change nothing, or the same thing once more, are repeated: a busy server recovers."""
READS_BY_POST: Final = ("/api/v2/dags/~/dagRuns/list", "/api/v2/backfills/dry_run")
HEALTH_KEYS = {"scheduler": "scheduler", "triggerer": "triggerer", "dag-processor": "dag_processor"}


@dataclass(frozen=True)
class FailedRun:
    """A failed run; `run_type` is what started it: a schedule, an asset event, a backfill or a person."""

    dag_id: str
    run_id: str
    run_type: str
    logical_date: datetime | None


@dataclass(frozen=True)
class FailedTask:
    """A failed task, with what is needed to find its log."""

    dag_id: str
    run_id: str
    task_id: str
    map_index: int
    try_number: int

    @property
    def log(self) -> str:
        """The path of its latest log, relative to the task log folder."""
        mapped = f"map_index={self.map_index}/" if self.map_index >= 0 else ""
        return (
            f"dag_id={self.dag_id}/run_id={self.run_id}/task_id={self.task_id}/"
            f"{mapped}attempt={self.try_number}.log"
        )


@dataclass(frozen=True)
class Backfill:
    """A backfill from one logical date to another (YYYY-MM-DD)."""

    id: int
    first_day: str
    last_day: str
    reprocess_behavior: str
    created_at: datetime
    is_paused: bool


class AirflowApi:
    """A signed-in client of one API server. Times out after `TIMEOUT` seconds per request."""

    def __init__(self, url: str, user: str, password: str) -> None:
        self.url = url
        self._login = {"username": user, "password": password}
        self._session = requests.Session()
        # Requests to the local machine must not go through a proxy of the user.
        self._session.trust_env = False
        self._session.mount(url, HTTPAdapter(max_retries=REPEATED))
        for path in READS_BY_POST:
            self._session.mount(url + path, HTTPAdapter(max_retries=REPEATED.new(allowed_methods=None)))

    def answers(self) -> bool:
        """Whether the API server answers and the metadata database is healthy."""
        return "metadatabase" in self._healthy()

    def is_healthy(self, service: str) -> bool:
        """Whether scheduler, triggerer or dag-processor reports itself healthy."""
        return HEALTH_KEYS[service] in self._healthy()

    def unhealthy(self) -> list[str]:
        """Those of scheduler, triggerer and dag-processor that do not report themselves healthy."""
        healthy = self._healthy()
        return [service for service, part in HEALTH_KEYS.items() if part not in healthy]

    def sign_in(self) -> None:
        """Get a token for the following requests.

        Raises:
            ApiUnavailableError: Airflow does not answer.
            ApiRefusedError: the login is refused.
        """
        answer = self._call("POST", "/auth/token", json=self._login)
        self._session.headers["Authorization"] = f"Bearer {answer['access_token']}"

    def parsed_dags(self, since: datetime) -> set[str]:
        """Ids of the DAGs that were parsed at or after `since`."""
        dags = self._call("GET", "/api/v2/dags", params={"limit": 100})["dags"]
        return {d["dag_id"] for d in dags if _at(d["last_parsed_time"]) >= since}

    def import_errors(self, since: datetime) -> dict[str, str]:
        """File → stack trace of the DAG files that failed to import at or after `since`."""
        errors = self._call("GET", "/api/v2/importErrors", params={"limit": 100})["import_errors"]
        return {e["filename"]: e["stack_trace"] for e in errors if _at(e["timestamp"]) >= since}

    def ensure_pool(self, name: str, slots: int, description: str) -> None:
        """Create the pool, or set its size to `slots`."""
        body = {"slots": slots, "description": description, "include_deferred": False}
        path = f"/api/v2/pools/{name}"
        found = self._call("GET", path, accept=(404,))
        if "slots" not in found:
            self._call("POST", "/api/v2/pools", json={"name": name, **body})
        elif found["slots"] != slots:
            self._call("PATCH", path, json={"pool": name, **body})

    def unpause(self, dag_id: str) -> None:
        """Unpause the DAG."""
        self._call("PATCH", f"/api/v2/dags/{dag_id}", json={"is_paused": False})

    def trigger(self, dag_id: str) -> None:
        """Start a run of the DAG."""
        self._call("POST", f"/api/v2/dags/{dag_id}/dagRuns", json={"logical_date": None})

    def backfill(
        self,
        dag_id: str,
        first_day: str,
        last_day: str,
        runs_at_once: int,
        reprocess_behavior: str = "none",
        conf: Mapping[str, object] | None = None,
    ) -> int | None:
        """Backfill the intervals between two dates (YYYY-MM-DD) with `conf`; returns the id of the backfill.

        Intervals that have a run are skipped; with `reprocess_behavior` "failed" they run again if the run
        failed, with "completed" always. Returns None if another backfill of the DAG is still open.
        """
        body = {
            **_backfill(dag_id, first_day, last_day, reprocess_behavior),
            "max_active_runs": runs_at_once,
            "dag_run_conf": dict(conf or {}),
        }
        made = self._call("POST", "/api/v2/backfills", json=body, accept=(409,))
        return made.get("id")  # type: ignore[no-any-return]

    def runs_to_backfill(
        self, dag_id: str, first_day: str, last_day: str, reprocess_behavior: str
    ) -> list[str]:
        """The logical dates that such a backfill would run, in ISO 8601; starts nothing."""
        body = _backfill(dag_id, first_day, last_day, reprocess_behavior)
        found = self._call("POST", "/api/v2/backfills/dry_run", json=body)["backfills"]
        return [each["logical_date"] for each in found]

    def open_backfill(self, dag_id: str) -> Backfill | None:
        """The running or paused backfill of a DAG."""
        params = {"dag_id": dag_id, "order_by": "-id", "limit": 100}
        found = self._call("GET", "/api/v2/backfills", params=params)["backfills"]
        for each in found:
            if each["completed_at"] is None:
                return Backfill(
                    each["id"],
                    each["from_date"][:10],
                    each["to_date"][:10],
                    each["reprocess_behavior"],
                    _at(each["created_at"]),
                    each["is_paused"],
                )
        return None

    def count_runs(self, dag_ids: Sequence[str], states: Sequence[str]) -> int:
        """The number of runs of these DAGs in these states."""
        body = {"dag_ids": list(dag_ids), "states": list(states), "page_limit": 1}
        return int(self._call("POST", "/api/v2/dags/~/dagRuns/list", json=body)["total_entries"])

    def failed_runs(self, dag_ids: Sequence[str]) -> list[FailedRun]:
        """The failed runs of these DAGs, at most a hundred."""
        body = {"dag_ids": list(dag_ids), "states": ["failed"], "page_limit": 100}
        runs = self._call("POST", "/api/v2/dags/~/dagRuns/list", json=body)["dag_runs"]
        return [
            FailedRun(
                run["dag_id"],
                run["dag_run_id"],
                run["run_type"],
                _at(run["logical_date"]) if run["logical_date"] else None,
            )
            for run in runs
        ]

    def waiting_runs(self, dag_ids: Sequence[str]) -> list[tuple[str, str]]:
        """DAG id and run id of the runs that wait for a person, at most a hundred."""
        path = "/api/v2/dags/~/dagRuns/~/taskInstances"
        found = self._call("GET", path, params={"state": ["awaiting_input"], "limit": 100})["task_instances"]
        return [(t["dag_id"], t["dag_run_id"]) for t in found if t["dag_id"] in dag_ids]

    def unfinished_tasks(self, dag_ids: Sequence[str]) -> list[str]:
        """The states of the tasks of these DAGs that wait, run or are to run again, at most a hundred."""
        path = "/api/v2/dags/~/dagRuns/~/taskInstances"
        params = {"state": ["scheduled", "queued", "running", "restarting", "up_for_retry"], "limit": 100}
        found = self._call("GET", path, params=params)["task_instances"]
        return [task["state"] for task in found if task["dag_id"] in dag_ids]

    def retry(self, runs: Iterable[FailedRun]) -> None:
        """Clear the failed tasks of these runs, so that the scheduler runs them again."""
        for run in runs:
            body = {"dry_run": False, "only_failed": True}
            self._call("POST", f"/api/v2/dags/{run.dag_id}/dagRuns/{run.run_id}/clear", json=body)

    def run_note(self, dag_id: str, run_id: str) -> str | None:
        """The note of a run."""
        return self._call("GET", f"/api/v2/dags/{dag_id}/dagRuns/{run_id}")["note"]  # type: ignore[no-any-return]

    def note_run(self, dag_id: str, run_id: str, text: str | None) -> None:
        """Replace the note of a run."""
        self._call("PATCH", f"/api/v2/dags/{dag_id}/dagRuns/{run_id}", json={"note": text})

    def failed_tasks(self, dag_id: str, run_id: str) -> list[FailedTask]:
        """The tasks that failed in one run."""
        path = f"/api/v2/dags/{dag_id}/dagRuns/{run_id}/taskInstances"
        found = self._call("GET", path, params={"state": ["failed"]})["task_instances"]
        return [FailedTask(dag_id, run_id, t["task_id"], t["map_index"], t["try_number"]) for t in found]

    def _healthy(self) -> set[str]:
        """The healthy services, by one request; none if the API server does not answer."""
        try:
            answer = self._session.get(f"{self.url}/api/v2/monitor/health", timeout=TIMEOUT)
            return {part for part, state in answer.json().items() if state and state["status"] == "healthy"}
        except (requests.RequestException, KeyError, TypeError, AttributeError):
            return set()

    def _call(self, method: str, path: str, *, accept: tuple[int, ...] = (), **kwargs: Any) -> Any:
        try:
            answer = self._session.request(method, self.url + path, timeout=TIMEOUT, **kwargs)
        except requests.RequestException as error:
            raise ApiUnavailableError(
                f"Airflow did not answer {method} {path}: {error}", NEXT_STEP
            ) from error
        if not answer.ok and answer.status_code not in accept:
            # FastAPI repeats a body that it could not parse, including the login.
            password = json.dumps(self._login["password"], ensure_ascii=False)
            text = answer.text.replace(password, '"***"')[:500]
            transient = answer.status_code >= 500 or answer.status_code in TRANSIENT_STATUSES
            refusal = ApiUnavailableError if transient else ApiRefusedError
            raise refusal(
                f"Airflow answered {method} {path} with {answer.status_code}: {text}",
                NEXT_STEP,
            )
        return answer.json()


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _backfill(dag_id: str, first_day: str, last_day: str, reprocess_behavior: str) -> dict[str, Any]:
    return {
        "dag_id": dag_id,
        "from_date": f"{first_day}T00:00:00Z",
        "to_date": f"{last_day}T00:00:00Z",
        "reprocess_behavior": reprocess_behavior,
    }
