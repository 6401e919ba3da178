"""The services of Airflow and the mock server: their environment, commands and readiness."""

import json
import os
import sys
from dataclasses import dataclass

import requests
from sqlalchemy import URL

from city_indicators.core.paths import PROJECT, address_of
from city_indicators.orchestration.access import TASKS_USER
from city_indicators.orchestration.rest import AirflowApi
from standalone import databases
from standalone.credentials import USERS, Credentials
from standalone.postgres import Server
from standalone.processes import Launch
from standalone.settings import LOOPBACK, Settings
from standalone.stack import Stack

START_SECONDS = 240.0
MOCK_SERVER_SECONDS = 60.0
LINEAGE = "AIRFLOW__OPENLINEAGE__TRANSPORT"
"""The OpenLineage transport in JSON: the only Airflow setting that is taken from the caller."""
TASKS_AT_ONCE = 8
QUIET = "py.warnings=ERROR"
"""Warnings of libraries about libraries are not for the logs of tasks."""
OWN = ("AIRFLOW", "_AIRFLOW", "PYTHONPATH")
"""How the variables begin that the stack sets itself and never takes from its caller."""


@dataclass(frozen=True)
class Ports:
    """TCP ports on the loopback address. `mock_server` is None with the live sources."""

    ui: int
    mock_server: int | None

    @property
    def ui_url(self) -> str:
        """Address of the web UI."""
        return f"http://{LOOPBACK}:{self.ui}"

    @property
    def mock_server_url(self) -> str:
        """Address of the mock server."""
        return f"http://{LOOPBACK}:{self.mock_server}"


def environment(settings: Settings, server: Server, credentials: Credentials, ports: Ports) -> dict[str, str]:
    """The environment of every service; of the caller's Airflow settings it takes only LINEAGE.

    A SOCKS proxy is not passed on: httpx lacks a package for it, and then fails even for the addresses of
    `no_proxy`, so that no task could start. The live sources use proxies of HTTP.
    """
    inherited = {
        k: v for k, v in os.environ.items() if not k.startswith(OWN) and not _is_socks_proxy(k.lower(), v)
    }
    no_proxy = ",".join(
        filter(None, (inherited.get("no_proxy") or inherited.get("NO_PROXY"), LOOPBACK, "localhost"))
    )
    return {
        **inherited,
        "PYTHONPATH": str(settings.plugins),
        "PYTHONUNBUFFERED": "1",
        "NO_PROXY": no_proxy,
        "no_proxy": no_proxy,
        # Without this, macOS ends a forked process that uses its system libraries.
        "OBJC_DISABLE_INITIALIZE_FORK_SAFETY": "YES",
        "GX_ANALYTICS_ENABLED": "false",
        "CITY_INDICATORS_ARCHIVE": address_of(settings.archive),
        "CITY_INDICATORS_DATA_DOCS": address_of(settings.data_docs),
        "CITY_INDICATORS_INBOX": address_of(settings.inbox),
        "AIRFLOW_HOME": str(settings.airflow_home),
        "AIRFLOW_CONN_AIRFLOW_API": json.dumps(
            {
                "conn_type": "http",
                "host": ports.ui_url,
                "login": TASKS_USER,
                "password": credentials.passwords[TASKS_USER],
            }
        ),
        "AIRFLOW_CONN_WAREHOUSE": json.dumps(databases.airflow_connection(server)),
        **_airflow_config(settings, server, credentials, ports),
        **_source_connections(settings, ports),
    }


def _is_socks_proxy(name: str, value: str) -> bool:
    return name.endswith("_proxy") and value.lower().startswith("socks")


def _airflow_config(
    settings: Settings, server: Server, credentials: Credentials, ports: Ports
) -> dict[str, str]:
    metadata, transport = server.url(databases.METADATA), os.environ.get(LINEAGE)
    sections: dict[str, dict[str, object]] = {
        "core": {
            "dags_folder": settings.dags,
            "plugins_folder": settings.plugins,
            "load_examples": False,
            "executor": "LocalExecutor",
            # Forked workers, and on Linux their tasks, inherit the imported modules of the scheduler. macOS
            # spawns workers by default, and always starts an interpreter for each task.
            "mp_start_method": "fork",
            "parallelism": TASKS_AT_ONCE,
            "fernet_key": credentials.fernet_key,
            "execution_api_server_url": f"{ports.ui_url}/execution/",
            # The default queries the name service, which takes seconds on a machine without network.
            "hostname_callable": "socket.gethostname",
            "simple_auth_manager_users": ",".join(f"{user}:{role}" for user, role in USERS.items()),
            "simple_auth_manager_passwords_file": credentials.passwords_file,
        },
        # Airflow's asset graph fails with psycopg 3, but only psycopg 3 supports asynchronous access.
        "database": {
            "sql_alchemy_conn": _shown(metadata.set(drivername="postgresql+psycopg2")),
            "sql_alchemy_conn_async": _shown(metadata),
        },
        "api": {
            "host": LOOPBACK,
            "port": ports.ui,
            "base_url": ports.ui_url,
            "secret_key": credentials.api_secret_key,
        },
        "api_auth": {"jwt_secret": credentials.jwt_secret},
        # The first request to the execution API builds it; a busy machine needs longer than the default.
        "workers": {"execution_api_timeout": 60},
        # A changed DAG file is parsed at once nevertheless.
        "dag_processor": {"refresh_interval": 10, "parsing_processes": 1, "min_file_process_interval": 60},
        # A killed task or scheduler is detected within about one minute instead of five.
        "scheduler": {"task_instance_heartbeat_timeout": 60, "orphaned_tasks_check_interval": 30},
        "logging": _logging(settings),
        # Set explicitly, because the provider also reads other variables, which the caller may have set.
        "openlineage": {"transport": transport} if transport else {"disabled": True},
    }
    return {
        f"AIRFLOW__{section}__{option}".upper(): str(value)
        for section, options in sections.items()
        for option, value in options.items()
    }


def _logging(settings: Settings) -> dict[str, object]:
    return {
        "base_log_folder": settings.logs / "tasks",
        "dag_processor_child_process_log_directory": settings.logs / "dag-files",
        "colored_console_log": False,
        "namespace_levels": QUIET,
    }


def _shown(url: URL) -> str:
    return url.render_as_string(hide_password=False)


def _source_connections(settings: Settings, ports: Ports) -> dict[str, str]:
    if ports.mock_server is None:
        return {}
    # For injecting faults: see docs/tutorial.md.
    return {"CITY_INDICATORS_MOCK_SERVER": ports.mock_server_url} | {
        f"AIRFLOW_CONN_{source.connection.upper()}": json.dumps(
            {"conn_type": "http", "host": f"{ports.mock_server_url}/{source.id}"}
        )
        for source in settings.sources()
    }


def start_mock_server(stack: Stack, env: dict[str, str], ports: Ports) -> None:
    """Start the mock server and wait until it answers.

    Raises:
        ServiceFailedError: it ended or did not answer in time.
    """
    command = [sys.executable, "-m", "demo.mock_sources", "--port", str(ports.mock_server)]
    with_demo = {**env, "PYTHONPATH": os.pathsep.join((env["PYTHONPATH"], str(PROJECT)))}
    stack.start(Launch("mock_server", command, stack.settings.log_of("mock_server"), with_demo))
    stack.wait_for(
        "mock_server",
        lambda: stack.listens("mock_server") and _responds(f"{ports.mock_server_url}/_requests"),
        MOCK_SERVER_SECONDS,
    )


def start_airflow(stack: Stack, env: dict[str, str], ports: Ports) -> None:
    """Start Airflow's four services. `AirflowApi.is_healthy` shows when they are up."""
    commands = {
        "api-server": ["api-server", "--host", LOOPBACK, "--port", str(ports.ui), "--workers", "1"],
        # Log servers would listen on every address, and the UI reads the same files from disk.
        "scheduler": ["scheduler", "--skip-serve-logs"],
        "triggerer": ["triggerer", "--skip-serve-logs"],
        "dag-processor": ["dag-processor"],
    }
    for name, arguments in commands.items():
        command = [sys.executable, "-m", "airflow", *arguments]
        stack.start(Launch(name, command, stack.settings.log_of(name), env))


def wait_until_up(stack: Stack, api: AirflowApi) -> None:
    """Wait for the API server, then until all four services report that they are healthy.

    Raises:
        ServiceFailedError: a service ended or did not start in time.
    """
    stack.wait_for("api-server", lambda: stack.listens("api-server") and api.answers(), START_SECONDS)
    for service in ("scheduler", "triggerer", "dag-processor"):
        stack.wait_for(service, lambda name=service: api.is_healthy(name), START_SECONDS)  # type: ignore[misc]


def _responds(url: str) -> bool:
    session = requests.Session()
    session.trust_env = False
    try:
        return session.get(url, timeout=5).ok
    except requests.RequestException:
        return False
