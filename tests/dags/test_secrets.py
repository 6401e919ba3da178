"""No secret leaks, whatever fails: runs with marked secrets, and all their logs, rows and files."""

import json
import logging
import os
import re
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Final
from urllib.parse import quote_plus

import pytest
from sqlalchemy import URL, Engine, create_engine, text

from city_indicators.catalog import load_catalogue
from city_indicators.catalog.source import ApiKey
from city_indicators.orchestration import ingest_tasks
from standalone.credentials import Credentials
from tests.conftest import SETTINGS
from tests.dags.conftest import Outcome
from tests.dags.test_ingest_runs import END_OF_2019

RunDag = Callable[..., Outcome]
MARKED: Final = {
    "warehouse": "marked-password/of+warehouse",
    "openaq": "marked-key/of+openaq",
    "notifications": "marked-password/of+mail",
    "airflow_api": "marked-password/of+api",
}
"""Connection → its secret, which is encoded differently in an address."""
NOWHERE: Final = "http://127.0.0.1:9"
TABLES: Final = text(
    "select format('%I.%I', schemaname, tablename) from pg_catalog.pg_tables "
    "where schemaname not in ('pg_catalog', 'information_schema')"
)


class Refuser(BaseHTTPRequestHandler):
    """A service that repeats the request with its key; `/disconnect` closes the connection."""

    def do_GET(self) -> None:
        if self.path.startswith("/disconnect"):
            return
        body = f"no such key: {self.path} {self.headers['X-API-Key']}".encode()
        self.send_response(401)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_HEAD = do_GET  # noqa: N815 - as the library calls it

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture
def refuser() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Refuser) as listening:
        thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{listening.server_port}"
        listening.shutdown()
        thread.join()


@pytest.fixture
def connect(monkeypatch: pytest.MonkeyPatch, surroundings: None) -> Callable[..., None]:
    """Change some fields of an Airflow connection."""

    def change(name: str, **fields: object) -> None:
        variable = f"AIRFLOW_CONN_{name.upper()}"
        known = json.loads(os.environ.get(variable, "{}"))
        monkeypatch.setenv(variable, json.dumps({**known, **fields}))

    extra = {"to": "team@x.example", "from_email": "airflow@x.example", "disable_ssl": True, "retry_limit": 1}
    change("notifications", conn_type="smtp", host="127.0.0.1", port=9, login="team", extra=extra)
    change("airflow_api", conn_type="http", host=NOWHERE, login="tasks")
    for name, secret in MARKED.items():
        change(name, password=secret)
    return change


@pytest.fixture
def written(
    connect: Callable[..., None],
    file_of_events: Path,
    warehouse_url: URL,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
    tmp_path: Path,
) -> Callable[[], str]:
    """Everything that was written: logs, both databases, and all files, including OpenLineage events."""
    from airflow.sdk.log import mask_logs

    caplog.set_level(logging.DEBUG, "urllib3")

    def everything() -> str:
        # Airflow masks the logs of a task before it writes them.
        logs = str(mask_logs(None, "", {"event": caplog.text})["event"]).join(capfd.readouterr())
        files = [
            file.read_bytes().decode("utf-8", "replace") for file in tmp_path.rglob("*") if file.is_file()
        ]
        airflow = warehouse_url.set(username="postgres", database="airflow")
        return "\n".join([logs, *rows_of(warehouse_url), *rows_of(airflow), *files])

    return everything


def rows_of(database: URL) -> list[str]:
    engine = create_engine(database)
    with engine.connect() as connection:
        found = [
            str(row)
            for table in connection.scalars(TABLES).all()
            for row in connection.scalars(text(f"select stored::text from {table} as stored"))  # noqa: S608
        ]
    engine.dispose()
    return found


def secrets_in(text: str) -> list[str]:
    """The secrets in a text, in any encoding, each with the text before it."""
    made = Credentials.load_or_make(SETTINGS.secrets)
    secrets = {
        made.fernet_key,
        made.jwt_secret,
        made.api_secret_key,
        *made.passwords.values(),
        *MARKED.values(),
    }
    forms = "|".join(re.escape(form) for secret in secrets for form in (secret, quote_plus(secret)))
    return [text[max(0, found.start() - 120) : found.end()] for found in re.finditer(forms, text)]


def key_in_the_address(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let openaq take its key in the address, as other services do."""
    catalogue = load_catalogue()
    source = catalogue.sources["openaq"].model_copy(update={"key": ApiKey(param="api_key")})
    changed = catalogue.model_copy(update={"sources": {**catalogue.sources, "openaq": source}})
    monkeypatch.setattr(ingest_tasks, "load_catalogue", lambda: changed)


def test_a_successful_run_leaks_no_secret(run_dag: RunDag, written: Callable[[], str]) -> None:
    assert run_dag("ingest_openaq", END_OF_2019).state == "success"
    everything = written()
    assert '"name":"ingest_openaq.publish"' in everything.replace(": ", ":")
    assert secrets_in(everything) == []


@pytest.mark.parametrize(
    ("path", "expected", "in_address"),
    [("/refused", "HTTP 401", False), ("/disconnect", "no complete answer", True)],
)
def test_a_refused_key_is_not_leaked(
    run_dag: RunDag,
    connect: Callable[..., None],
    written: Callable[[], str],
    refuser: str,
    monkeypatch: pytest.MonkeyPatch,
    path: str,
    expected: str,
    in_address: bool,
) -> None:
    connect("openaq", host=refuser + path)
    if in_address:
        key_in_the_address(monkeypatch)
    assert run_dag("ingest_openaq", END_OF_2019).state == "failed"
    everything = written()
    assert secrets_in(everything) == []
    assert expected in everything
    assert "could not send the mail" in everything


def test_the_password_of_a_missing_warehouse_is_not_leaked(
    run_dag: RunDag, connect: Callable[..., None], written: Callable[[], str]
) -> None:
    connect("warehouse", schema="away")
    assert run_dag("ingest_un_wup", END_OF_2019).state == "failed"
    everything = written()
    assert 'database "away" does not exist' in everything
    assert secrets_in(everything) == []


def test_a_failed_statement_leaks_no_secret(
    run_dag: RunDag, warehouse: Engine, written: Callable[[], str]
) -> None:
    with warehouse.begin() as connection:
        connection.execute(text("alter table ops.load rename to load_of_before"))
    assert run_dag("ingest_un_wup", END_OF_2019).state == "failed"
    everything = written()
    assert 'relation "ops.load" does not exist' in everything
    assert secrets_in(everything) == []
