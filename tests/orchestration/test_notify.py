"""Alerts for failed and waiting ingestions: their text, mail and log."""

import base64
import email
import json
import logging
import socketserver
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from types import SimpleNamespace
from typing import Any, ClassVar

import pytest

from city_indicators.core.errors import GateRefusedError, SourceContractError
from city_indicators.orchestration import notify
from city_indicators.orchestration.notify import Event, Load, Message, compose
from tests.conftest import PORTS

LOAD = Load(
    load_id=7,
    source="un_wup",
    interval="2019-01-01 to 2020-01-01",
    refusals=("10 of the 58 observations are gone",),
    warnings=("18 places in 2020, 20 in 2019",),
    read=50,
    accepted=48,
    rejected=2,
    empty_cells=0,
    out_of_scope=0,
    rules=(("plausible_range", 2),),
    examples=("population 2019 moscow: '-5' at Data!B7, by plausible_range: below 0",),
)
EVENT = Event(
    source="un_wup",
    interval=LOAD.interval,
    dag_id="ingest_un_wup",
    run_id="manual__2020-01-01T00:00:00+00:00",
    task_id="publish",
    map_index=-1,
    error=GateRefusedError("load 7: 10 of 58 are gone. Next step: fix the source"),
    load=LOAD,
    ui_url="https://airflow.example",
)
RUN = "https://airflow.example/dags/ingest_un_wup/runs/manual__2020-01-01T00%3A00%3A00%2B00%3A00"


def test_a_failure_names_source_rule_examples_next_step_and_links() -> None:
    assert compose(EVENT) == Message(
        "ingest_un_wup: publish failed (GateRefusedError), 2019-01-01 to 2020-01-01",
        "\n".join(
            [
                "source: un_wup",
                "interval: 2019-01-01 to 2020-01-01",
                "task: publish of ingest_un_wup, run manual__2020-01-01T00:00:00+00:00",
                "fault: load 7: 10 of 58 are gone.",
                "load: 7: 50 rows read, 48 accepted, 2 rejected",
                "gate: 10 of the 58 observations are gone",
                "warning: 18 places in 2020, 20 in 2019",
                "rule: plausible_range rejected 2",
                "example: population 2019 moscow: '-5' at Data!B7, by plausible_range: below 0",
                "next step: fix the source",
                f"log: {RUN}/tasks/publish",
                f"run: {RUN}",
                "data docs: https://airflow.example/city-indicators/data-docs/loads/7.html",
            ]
        ),
    )


def test_a_waiting_load_links_to_the_decision() -> None:
    message = compose(replace(EVENT, error=None))
    assert message.subject == "ingest_un_wup: publish waits for a decision, 2019-01-01 to 2020-01-01"
    answer_at = f"{RUN}/tasks/publish/required_actions"
    assert f"next step: accept it with a written reason, or refuse it: {answer_at}" in message.text


def test_a_failure_without_a_load_names_address_and_next_step() -> None:
    error = SourceContractError("un_wup", "https://un.example/f.xls", "no sheet 'Data'", "compare the bytes")
    message = compose(replace(EVENT, task_id="validate", error=error, load=None))
    assert message.subject.startswith("ingest_un_wup: validate failed (SourceContractError)")
    assert "fault: source un_wup: https://un.example/f.xls: no sheet 'Data'." in message.text
    assert "next step: compare the bytes" in message.text
    assert "load:" not in message.text
    assert message.text.endswith("data docs: https://airflow.example/city-indicators/data-docs/")


def test_an_untyped_error_is_cut_and_refers_to_the_log() -> None:
    message = compose(replace(EVENT, error=ValueError("x" * 9000)))
    assert "x" * 1999 + "…" in message.text
    assert "x" * 2000 not in message.text
    assert f"next step: read the log of the task\nlog: {RUN}/tasks/publish\n" in message.text


def test_a_mapped_task_without_a_source_links_to_its_own_log() -> None:
    dag_id, run = "receive_best_practices", "https://airflow.example/dags/receive_best_practices/runs/one"
    event = replace(EVENT, source=None, interval=None, dag_id=dag_id, run_id="one", load=None)
    assert compose(
        replace(event, task_id="validate", map_index=2, error=OSError("no space left"))
    ) == Message(
        "receive_best_practices: validate failed (OSError)",
        "\n".join(
            [
                "task: validate of receive_best_practices, run one",
                "fault: no space left",
                "next step: read the log of the task",
                f"log: {run}/tasks/validate/mapped/2",
                f"run: {run}",
            ]
        ),
    )


def test_published_text_becomes_one_short_line() -> None:
    row = SimpleNamespace(
        ref_area=None,
        indicator="population",
        time_period="2019",
        value_as_published="a\nb" + "c" * 500,
        pointer="/1",
        rule="value_is_number",
        reason="is not\na number",
    )
    line = notify._line(row)
    assert line.startswith("population 2019 no known place: 'a")
    assert "\n" not in line
    assert len(line) == 300


def context(**more: object) -> Any:
    run = SimpleNamespace(data_interval_start=datetime(2019, 1, 1), data_interval_end=datetime(2020, 1, 1))
    ti = SimpleNamespace(dag_id="ingest_un_wup", run_id="manual", task_id="fetch", map_index=-1)
    return {"ti": ti, "dag_run": run, "task": SimpleNamespace(), **more}


def test_without_a_connection_an_alert_goes_to_the_log(caplog: pytest.LogCaptureFixture) -> None:
    notify.failure_alert("un_wup")(context(exception=GateRefusedError("gone. Next step: fix it")))
    ((_, level, text),) = caplog.record_tuples
    assert level == logging.WARNING
    assert text.startswith("ingest_un_wup: fetch failed (GateRefusedError), 2019-01-01 to 2020-01-01\n")
    assert f"run: {PORTS.ui_url}/dags/ingest_un_wup/runs/manual" in text


def test_a_run_without_a_source_shows_no_interval(caplog: pytest.LogCaptureFixture) -> None:
    notify.failure_alert(None)(context(exception=ValueError("x")))
    assert "ingest_un_wup: fetch failed (ValueError)\n" in caplog.text
    assert "2019" not in caplog.text


def test_an_alert_that_cannot_be_composed_fails_nothing(caplog: pytest.LogCaptureFixture) -> None:
    broken = context(exception=ValueError("x"), dag_run=None)
    notify.failure_alert("un_wup")(broken)
    assert "The alert for fetch could not be composed" in caplog.text


class Mailbox(socketserver.StreamRequestHandler):
    """A minimal SMTP server for one mail."""

    letters: ClassVar[list[str]] = []
    recipients: ClassVar[list[str]] = []

    def say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())

    def handle(self) -> None:
        self.say("220 mailbox")
        while line := self.rfile.readline().decode().strip():
            verb = line.split(":", 1)[0].upper()
            if verb == "DATA":
                self.say("354 go on")
                lines = iter(self.rfile.readline, b".\r\n")
                self.letters.append(b"".join(lines).decode())
            if verb == "RCPT TO":
                self.recipients.append(line)
            self.say("250 so be it")


@pytest.fixture
def mailbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Mailbox]]:
    """A mail server, as the connection `notifications`."""
    Mailbox.letters.clear()
    Mailbox.recipients.clear()
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Mailbox) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        extra = {"to": "anna@city.example, boris@city.example", "from_email": "etl@city.example"}
        connect(monkeypatch, server.server_address[1], extra)
        yield Mailbox
        server.shutdown()
        thread.join()


def connect(monkeypatch: pytest.MonkeyPatch, port: int, extra: dict[str, object]) -> None:
    no_tls = {"disable_ssl": True, "disable_tls": True, "timeout": 5, "retry_limit": 0}
    connection = {"conn_type": "smtp", "host": "127.0.0.1", "port": port, "extra": {**no_tls, **extra}}
    monkeypatch.setenv("AIRFLOW_CONN_NOTIFICATIONS", json.dumps(connection))


def test_with_a_connection_an_alert_goes_by_mail_with_html_escaped(
    mailbox: type[Mailbox], caplog: pytest.LogCaptureFixture
) -> None:
    notify.send(Message("ingest_un_wup: failed", "example: <b>{{ 1 + 1 }}</b> 上海"))
    (letter,) = mailbox.letters
    mail = email.message_from_string(letter)
    assert mail["Subject"] == "ingest_un_wup: failed"
    assert mail["From"] == "etl@city.example"
    assert [name.lower().split("<")[1] for name in mailbox.recipients] == [
        "anna@city.example>",
        "boris@city.example>",
    ]
    (part,) = mail.get_payload()
    text = base64.b64decode(part.get_payload()).decode()
    assert text == "<pre>example: &lt;b&gt;{{ 1 + 1 }}&lt;/b&gt; 上海</pre>"
    assert caplog.records == []


@pytest.mark.parametrize("extra", [{}, {"to": "anna@city.example", "from_email": "etl@city.example"}])
def test_a_failed_mail_is_logged_with_message_and_next_step(
    extra: dict[str, object], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    # Nothing listens on port 1.
    connect(monkeypatch, 1, extra)
    notify.send(Message("ingest_un_wup: failed", "fault: gone"))
    for part in ("could not send the mail", "Next step: check its host", "fault: gone"):
        assert part in caplog.text
