"""What Prometheus reads of the pipeline."""

import urllib.request
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry, generate_latest, start_http_server
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError

from city_indicators.catalog import load_sources
from city_indicators.delivery.metrics.exporter import METRICS, PREFIX, Exporter, quotas
from city_indicators.ingest.load import publish_load
from city_indicators.warehouse.database import engine, statement
from tests.warehouse.conftest import NOON
from tests.warehouse.entered import LoadInput, Observation, enter

SOURCE = "owid_grapher"
AT = datetime(2026, 3, 1, tzinfo=UTC)
METERED = load_sources()["open_meteo_archive"]

Samples = Mapping[tuple[str, ...], float]


def samples(warehouse: Engine) -> Samples:
    """All samples: by name and values of the labels."""
    registry = CollectorRegistry()
    registry.register(Exporter(warehouse, [METERED], lambda: AT))
    found = text_string_to_metric_families(generate_latest(registry).decode())
    return {
        (sample.name.removeprefix(f"{PREFIX}_"), *sample.labels.values()): sample.value
        for family in found
        for sample in family.samples
    }


def test_loads_rows_and_changes_by_source(warehouse: Engine, tmp_path: Path) -> None:
    """Three observations and a rejected row; then one observation is revised, one withdrawn, one kept."""
    first = [Observation("RUS", str(year), year) for year in (2017, 2018, 2019)]
    second = [first[0], first[1]._replace(obs_value=1)]
    rejected = [Observation("CHN", "2019", -1)]
    for minute, given in enumerate((first, second)):
        load = LoadInput(SOURCE, range(2017, 2020), given, minute, rejected if minute == 0 else ())
        published = NOON + timedelta(minutes=minute, seconds=90)
        publish_load(enter(warehouse, tmp_path, load), tmp_path, warehouse, lambda at=published: at)
    waiting = LoadInput(SOURCE, range(2020, 2021), [Observation("RUS", "2020", 1)])
    enter(warehouse, tmp_path, waiting)
    found = samples(warehouse)
    outcomes = {
        outcome: found["rows_total", outcome, SOURCE] for outcome in ("accepted", "rejected", "empty")
    }
    assert outcomes == {"accepted": 6, "rejected": 1, "empty": 0}
    changes = {name: found["observations_total", name, SOURCE] for name in ("added", "revised", "withdrawn")}
    assert changes == {"added": 3, "revised": 1, "withdrawn": 1}
    assert found["observations_total", "unchanged", SOURCE] == 1
    assert (found["loads", SOURCE, "published"], found["loads", SOURCE, "validated"]) == (2, 1)
    assert found["load_timestamp_seconds", SOURCE] == (NOON + timedelta(seconds=150)).timestamp()
    # Of the load published last: fetched at 12:01:00, published at 12:02:30.
    assert found["load_seconds", SOURCE] == 90
    assert found["loads_not_in_report",] == 2
    assert found["archive_bytes",] == 0
    assert found["database_bytes",] > 1_000_000
    assert found["lost_files",] == 0


def test_files_of_the_archive_are_counted_once(warehouse: Engine) -> None:
    with warehouse.begin() as connection:
        for sha256, byte_count in (("a" * 64, 5), ("b" * 64, 7), ("b" * 64, 7)):
            snapshot = {"sha256": sha256, "byte_count": byte_count, "media_type": "text/csv"}
            connection.execute(statement("ledger/insert_snapshot"), snapshot)
    assert samples(warehouse)["archive_bytes",] == 12


def test_what_never_happened_has_no_time(warehouse: Engine) -> None:
    names = {name for name, *_ in samples(warehouse)}
    assert not names & {"digest_timestamp_seconds", "refresh_timestamp_seconds", "load_seconds"}


def test_the_newest_digest_counts_and_is_recorded_once(warehouse: Engine) -> None:
    for day, hour in ((1, 9), (2, 9), (2, 23)):
        sizes = {"database_bytes": 1, "archive_bytes": 1}
        sent = sizes | {
            "until": datetime(2026, 2, day, 8, tzinfo=UTC),
            "sent_at": datetime(2026, 2, day, hour, tzinfo=UTC),
        }
        with warehouse.begin() as connection:
            connection.execute(statement("digest/insert_sent"), sent)
    assert samples(warehouse)["digest_timestamp_seconds",] == datetime(2026, 2, 2, 9, tzinfo=UTC).timestamp()


def test_calls_are_left_of_each_window_of_an_account(warehouse: Engine) -> None:
    """Calls sent within the window count, and planned ones; those of other accounts do not."""
    assert METERED.quota
    account, limits = METERED.quota.account, METERED.quota.calls
    rows = [
        (account, 1, AT - timedelta(seconds=30), None, 2.5),
        (account, 2, AT - timedelta(days=3), AT - timedelta(minutes=30), 4),
        (account, 3, AT - timedelta(days=400), AT - timedelta(days=399), 8),
        ("another", 1, AT, AT, 16),
    ]
    with warehouse.begin() as connection:
        for name, position, send_at, sent_at, calls in rows:
            connection.exec_driver_sql(
                "insert into ops.request_plan values (%s, 'd', 'r', %s, %s, %s, '/', '{}', %s, %s)",
                (name, position, send_at, calls, AT, sent_at),
            )
    found = samples(warehouse)
    # The planned request is in every window, the one sent half an hour ago in those of an hour and more.
    expected = {minutes: most - 2.5 - (4 if minutes > 30 else 0) for minutes, most in limits.items()}
    assert {minutes: found["calls_left", account, str(minutes)] for minutes in limits} == expected
    assert min(limits) < 30 < max(limits)
    assert [each["account"] for each in quotas([METERED, METERED])] == [account] * len(limits)


def test_every_metric_has_a_statement_that_runs(warehouse: Engine) -> None:
    """Also of an empty warehouse; a sample carries exactly the declared labels."""
    exporter = Exporter(warehouse, [METERED], lambda: AT)
    families = {family.name: family for family in exporter.collect()}
    assert families.keys() == {f"{PREFIX}_{each.name}" for each in METRICS}
    assert all(family.documentation for family in families.values())


def test_a_warehouse_that_is_down_is_an_error_of_the_request_not_of_the_start(warehouse: Engine) -> None:
    nowhere = engine(warehouse.url.set(database="nowhere"))
    registry = CollectorRegistry()
    registry.register(Exporter(nowhere, [], lambda: AT))
    with pytest.raises(OperationalError):
        generate_latest(registry)
    server, _ = start_http_server(0, "127.0.0.1", registry)
    try:
        with pytest.raises(OSError, match=r"500|closed|reset"):
            urllib.request.urlopen(f"http://127.0.0.1:{server.server_port}/metrics", timeout=60)
    finally:
        server.shutdown()
        server.server_close()
