"""The environment of the services: only our settings, the loopback address, sources by mode."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import make_url

from city_indicators.core.storage import write_atomically
from city_indicators.orchestration import connections
from standalone import databases, services
from standalone.credentials import Credentials
from standalone.postgres import DRIVER, Server
from standalone.services import Ports
from standalone.settings import Settings

EMBEDDED = Server(make_url(f"{DRIVER}://postgres@/postgres?host=/a/socket folder"), embedded=True)
REMOTE = Server(make_url(f"{DRIVER}://boss:s%40cret@db.example:6432/postgres"), embedded=False)


def environment(tmp_path: Path, *, mock_server: int | None) -> dict[str, str]:
    settings = Settings(home=tmp_path)
    settings.make_folders()
    credentials = Credentials.load_or_make(settings.secrets)
    return services.environment(settings, EMBEDDED, credentials, Ports(8080, mock_server))


def test_the_demo_requests_every_source_from_the_mock_server(tmp_path: Path) -> None:
    env = environment(tmp_path, mock_server=8090)
    assert env["CITY_INDICATORS_MOCK_SERVER"] == "http://127.0.0.1:8090"
    sources = Settings().sources()
    assert sources
    for source in sources:
        connection = json.loads(env[f"AIRFLOW_CONN_{source.connection.upper()}"])
        assert connection == {"conn_type": "http", "host": f"http://127.0.0.1:8090/{source.id}"}


def test_the_live_stack_sets_no_connection_of_a_source(tmp_path: Path) -> None:
    env = environment(tmp_path, mock_server=None)
    named = [name for name in env if name.startswith("AIRFLOW_CONN_")]
    assert named == ["AIRFLOW_CONN_AIRFLOW_API", "AIRFLOW_CONN_WAREHOUSE"]


def test_airflow_reaches_its_own_database_by_one_driver_for_each_kind_of_access(tmp_path: Path) -> None:
    env = environment(tmp_path, mock_server=None)
    addresses = [make_url(env[f"AIRFLOW__DATABASE__SQL_ALCHEMY_CONN{end}"]) for end in ("", "_ASYNC")]
    assert [address.drivername for address in addresses] == ["postgresql+psycopg2", "postgresql+psycopg"]
    assert {(address.database, address.query["host"]) for address in addresses} == {
        ("airflow", "/a/socket folder")
    }


@pytest.mark.parametrize(
    ("root", "folder"),
    [
        (connections.archive_root, "archive"),
        (connections.inbox_root, "inbox"),
        (connections.data_docs_root, "data_docs"),
    ],
)
def test_files_are_kept_in_the_folders_of_the_stack_whatever_their_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, root: Callable[[], Path], folder: str
) -> None:
    project = tmp_path / "мой проект, 100%25 #1?"
    project.mkdir()
    monkeypatch.setattr(connections, "PROJECT", project)
    variable = f"CITY_INDICATORS_{folder.upper()}"
    address = environment(project / "other", mock_server=None)[variable]
    for home, given in {"other": address, ".local": None}.items():
        monkeypatch.delenv(variable, raising=False)
        if given is not None:
            monkeypatch.setenv(variable, given)
        write_atomically(root() / "a name.txt", b"kept")
        assert (project / home / folder / "a name.txt").read_bytes() == b"kept"


def test_ignores_the_callers_airflow_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW__CORE__LOAD_EXAMPLES", "True")
    monkeypatch.setenv("AIRFLOW__API__SSL_CERT", "/elsewhere")
    monkeypatch.setenv("AIRFLOW_CONN_WORLD_BANK", "http://elsewhere")
    env = environment(tmp_path, mock_server=None)
    assert env["AIRFLOW__CORE__LOAD_EXAMPLES"] == "False"
    assert "AIRFLOW__API__SSL_CERT" not in env
    assert "AIRFLOW_CONN_WORLD_BANK" not in env


def test_lineage_is_off_without_a_configured_transport(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(services.LINEAGE, raising=False)
    monkeypatch.setenv("OPENLINEAGE_URL", "http://elsewhere")
    env = environment(tmp_path, mock_server=None)
    assert (env["AIRFLOW__OPENLINEAGE__DISABLED"], services.LINEAGE in env) == ("True", False)
    transport = '{"type": "file", "log_file_path": "/var/tmp/lineage.ndjson", "append": true}'
    monkeypatch.setenv(services.LINEAGE, transport)
    env = environment(tmp_path, mock_server=None)
    assert ("AIRFLOW__OPENLINEAGE__DISABLED" in env, env[services.LINEAGE]) == (False, transport)


def test_services_never_use_a_proxy_for_each_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "intranet")
    assert environment(tmp_path, mock_server=None)["no_proxy"] == "intranet,127.0.0.1,localhost"


@pytest.mark.parametrize("name", ["all_proxy", "ALL_PROXY", "http_proxy", "HTTPS_PROXY"])
def test_a_socks_proxy_does_not_keep_tasks_from_starting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, "socks5://127.0.0.1:1080")
    monkeypatch.setenv("https_proxy", "http://proxy.example:3128")
    env = environment(tmp_path, mock_server=None)
    assert name not in env
    assert env["https_proxy"] == "http://proxy.example:3128"


def test_the_embedded_server_is_reached_as_the_role_itself() -> None:
    assert databases.airflow_connection(EMBEDDED) == {
        "conn_type": "postgres",
        "host": "/a/socket folder",
        "login": "etl",
        "schema": "warehouse",
    }


def test_a_given_server_is_reached_with_its_login_acting_as_the_role() -> None:
    assert databases.airflow_connection(REMOTE) == {
        "conn_type": "postgres",
        "host": "db.example",
        "port": 6432,
        "login": "boss",
        "password": "s@cret",
        "schema": "warehouse",
        "extra": {"options": "-crole=etl"},
    }
