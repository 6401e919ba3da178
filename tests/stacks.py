"""A complete stack for tests: PostgreSQL, mock server, Airflow, with chosen DAGs unpaused."""

import signal
from collections import Counter
from collections.abc import Callable, Collection, Iterable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import psutil
from sqlalchemy import Engine, create_engine

from city_indicators.catalog import load_sources
from city_indicators.catalog.pools import pools
from city_indicators.orchestration.rest import AirflowApi
from standalone import databases, postgres, services
from standalone.credentials import Credentials
from standalone.ports import pick
from standalone.processes import Launch, Started
from standalone.services import Ports
from standalone.settings import Settings
from standalone.stack import Stack
from tests.queries import rows

PATIENCE_SECONDS = 300.0
# Below the ports that Linux gives to outgoing connections, so that a restarted service finds its port free.
FIRST_PORT = 29080

Environment = dict[str, str]


def unchanged(environment: Environment) -> Environment:
    return environment


class Running:
    """The running services of `stack`, with a signed-in client.

    Pools are created for `sources`. `change` gets the environment of Airflow's services before they start,
    and returns the one that they start with. Ports are searched from `first_port` on.
    """

    def __init__(
        self,
        stack: Stack,
        dag_ids: Collection[str],
        sources: Collection[str] = (),
        change: Callable[[Environment], Environment] = unchanged,
        first_port: int = FIRST_PORT,
    ) -> None:
        self.stack = stack
        settings = stack.settings
        credentials = Credentials.load_or_make(settings.secrets)
        self.server = postgres.start(stack)
        databases.create(self.server)
        ui = pick(first_port)
        self.ports = Ports(ui, pick(first_port + 10, frozenset({ui})))
        self.environment = change(services.environment(settings, self.server, credentials, self.ports))
        databases.migrate(self.server, settings, self.environment)
        services.start_mock_server(stack, self.environment, self.ports)
        since = datetime.now(UTC)
        services.start_airflow(stack, self.environment, self.ports)
        self.api = AirflowApi(self.ports.ui_url, "admin", credentials.passwords["admin"])
        services.wait_until_up(stack, self.api)
        self.api.sign_in()
        self.wait(lambda: set(dag_ids) <= self.api.parsed_dags(since))
        requested = [source for source in load_sources().values() if source.id in sources]
        for pool, slots in pools(requested).items():
            self.api.ensure_pool(pool, slots, "Parallel requests to one host")
        # Unpausing also starts the scheduled run of the last interval.
        for dag_id in dag_ids:
            self.api.unpause(dag_id)
        self.warehouse: Engine = create_engine(self.server.url(databases.WAREHOUSE, "etl"))

    def wait(self, ready: Callable[[], Any], seconds: float = PATIENCE_SECONDS) -> None:
        self.stack.wait_for("scheduler", ready, seconds)

    def rows(self, query: str) -> list[tuple[object, ...]]:
        return rows(self.warehouse, query)

    def at_rest(self, dag_id: str, seconds: float = PATIENCE_SECONDS) -> None:
        """Wait until no run of the DAG is queued or running, and no backfill of it is open."""
        self.wait(
            lambda: (
                self.api.count_runs([dag_id], ["success"]) > 0
                and not self.api.count_runs([dag_id], ["queued", "running"])
            ),
            seconds,
        )
        # Airflow checks every half minute whether a backfill has ended; until then no other can start.
        self.wait(lambda: self.api.open_backfill(dag_id) is None)


class Supervised(Stack):
    """A stack that restarts services that have ended, as a supervisor does."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self.restarts: Counter[str] = Counter()
        self._launches: dict[str, Launch] = {}

    def start(self, service: Launch) -> Started:
        self._launches[service.name] = service
        return super().start(service)

    def kill(self, name: str) -> None:
        """End a service and its children with SIGKILL; the next `check` restarts it."""
        everything = self.services[name].everything()
        send(signal.SIGKILL, everything)
        psutil.wait_procs(everything, timeout=PATIENCE_SECONDS)

    def check(self) -> None:
        for name, started in list(self.services.items()):
            if started.process() is None:
                # A service that crashed may have left processes, which a supervisor ends too.
                self.kill(name)
                self.restarts[name] += 1
                self.start(self._launches[name])
        super().check()


def send(number: signal.Signals, processes: Iterable[psutil.Process]) -> None:
    """Send a signal to the processes that are still running."""
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.send_signal(number)
