"""`watch_readers` in a real Airflow: it ends the sessions that have lifted their limits, and names them."""

import logging
from collections.abc import Callable
from datetime import UTC, datetime

import psycopg
import pytest
from sqlalchemy import URL

from city_indicators.warehouse import readers
from city_indicators.warehouse.readers import Limit
from tests.dags.conftest import Outcome

NINE = datetime(2026, 3, 1, 9, tzinfo=UTC)


def test_ends_an_overlong_transaction_and_logs_it(
    run_dag: Callable[..., Outcome],
    warehouse_url: URL,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(readers, "LIMITS", {"researcher": Limit(0, 0)})
    url = warehouse_url.set(username="researcher", drivername="postgresql").render_as_string()
    with caplog.at_level(logging.WARNING):
        reader = psycopg.connect(url)
        reader.execute("select 1 as mine")
        assert run_dag("watch_readers", NINE).state == "success"
        pid = reader.info.backend_pid
        (line,) = [r.getMessage() for r in caplog.records if r.getMessage().startswith("Ended session")]
        assert line.startswith(f"Ended session {pid} of researcher on this machine, transaction since 2")
        assert line.endswith(": select 1 as mine")
        with pytest.raises(psycopg.OperationalError):
            reader.execute("select 1")
        reader.close()
