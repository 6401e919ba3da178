"""Two Celery workers share a backfill; if one is killed, the other completes it with the same reports.

Run it with `make test-cluster`; results are in docs/explanation/deployment-checks.md.
"""

import hashlib
import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
import pytest

from standalone.settings import Settings
from standalone.stack import Stack
from tests import buckets
from tests.chaos import state
from tests.cluster.machines import DOCS, INGESTED, REPORTS, WORKERS, Cluster, runs_by_worker

FIRST_DAY, LAST_DAY, INTERVALS = "2001-01-01", "2020-12-31", 20
# The runs of the backfill, and the one that the schedule starts when the DAG is unpaused.
RUNS = INTERVALS + 1
RUNS_AT_ONCE = 4

Checksums = dict[str, tuple[Any, ...]]
Log = Callable[[str], None]


def backfill(cluster: Cluster) -> None:
    # Without reload, what the scheduled run has loaded would not be requested again.
    cluster.api.backfill(INGESTED, FIRST_DAY, LAST_DAY, RUNS_AT_ONCE, conf={"reload": True})


def ended(cluster: Cluster, workers: tuple[str, ...], log_line: Log) -> Checksums:
    """Wait for the end of all runs; these workers share the last refresh. Returns the checksums."""
    cluster.at_rest(INGESTED)
    assert cluster.api.count_runs([INGESTED], ["success"]) == RUNS
    # Asset events triggered refreshes during the backfill; this run includes what they missed.
    everything = {"logical_date": None, "conf": {"rebuild": True}}
    run = cluster.api._call("POST", f"/api/v2/dags/{REPORTS}/dagRuns", json=everything)["dag_run_id"]
    cluster.wait(lambda: not cluster.rows(state.UNREPORTED))
    cluster.at_rest(REPORTS)
    rated = cluster.tasks(state="success", dag_id=REPORTS)
    shares = [task for task in rated if task["task_id"] == "rate" and task["dag_run_id"] == run]
    log_line(f"tasks `rate` of the last refresh: {dict(runs_by_worker(shares))}")
    assert len(shares) > len(WORKERS)
    assert {task["hostname"] for task in shares} == set(workers)
    return state.checksums(cluster)


def shares_nothing_but_the_bucket(cluster: Cluster) -> None:
    client = boto3.client("s3", endpoint_url=cluster.bucket_url, **buckets.KEY)
    found = client.get_paginator("list_objects_v2").paginate(Bucket=buckets.BUCKET)
    names = [each["Key"] for page in found for each in page["Contents"]]
    assert {name.partition("/")[0] for name in names} == {"archive", "data_docs", "logs"}
    settings = cluster.stack.settings
    folders = [settings.archive, settings.data_docs, settings.inbox, settings.logs / "tasks"]
    folders += [settings.home / worker / "logs" for worker in WORKERS]
    assert [file for folder in folders for file in folder.rglob("*") if file.is_file()] == []


def reads_logs_pages_and_bytes_from_the_bucket(cluster: Cluster) -> None:
    for worker in WORKERS:
        task = next(each for each in cluster.tasks(host=worker) if each["task_id"] == "validate")
        log = cluster.log(task)
        assert "s3://city-indicators/logs/dag_id=ingest_world_bank/" in log
        assert '"event": "Validated"' in log
    index = cluster.page("data-docs/")
    assert index.status_code == 200
    assert "world_bank.gate" in index.text
    ((sha256,),) = cluster.rows("select sha256 from archive.snapshot order by 1 limit 1")
    answer = cluster.page(f"snapshots/{sha256}")
    assert hashlib.sha256(answer.content).hexdigest() == sha256


def undisturbed(home: Path, log_line: Log) -> Checksums:
    with Stack(Settings(home=home)) as stack:
        cluster = Cluster(stack)
        backfill(cluster)
        checksums = ended(cluster, WORKERS, log_line)
        counts = runs_by_worker(cluster.tasks())
        log_line(f"undisturbed: {dict(counts)}")
        assert set(counts) == set(WORKERS)
        assert checksums["report.rating"][0] > 0
        cluster.api.unpause(DOCS)
        cluster.at_rest(DOCS)
        shares_nothing_but_the_bucket(cluster)
        reads_logs_pages_and_bytes_from_the_bucket(cluster)
        return checksums


def with_one_killed(home: Path, log_line: Log) -> Checksums:
    victim, survivor = WORKERS
    with Stack(Settings(home=home)) as stack:
        cluster = Cluster(stack)
        backfill(cluster)

        def done() -> int:
            return cluster.api.count_runs([INGESTED], ["success"])

        cluster.wait(lambda: done() >= 3 and cluster.kill(victim))
        killed_at, done_before = datetime.now(UTC), done()
        assert 3 <= done_before < 17
        checksums = ended(cluster, (survivor,), log_line)
        tasks = cluster.tasks()
        log_line(f"{victim} killed after {done_before} of {RUNS} runs: {dict(runs_by_worker(tasks))}")
        hit = [tries for task in tasks if was_interrupted(tries := cluster.tries(task), victim, killed_at)]
        assert hit
        for tries in hit:
            log_line("; ".join(described(each, killed_at) for each in tries))
            assert tries[0]["state"] == "failed"
            assert (tries[-1]["hostname"], tries[-1]["state"]) == (survivor, "success")
        return checksums


def was_interrupted(tries: list[dict[str, Any]], host: str, moment: datetime) -> bool:
    first = tries[0]
    begun, over = (datetime.fromisoformat(first[name]) for name in ("start_date", "end_date"))
    return first["hostname"] == host and begun < moment < over


def described(each: dict[str, Any], since: datetime) -> str:
    """A try of a task as text, in seconds relative to a time."""
    start, end = (
        round((datetime.fromisoformat(each[name]) - since).total_seconds())
        for name in ("start_date", "end_date")
    )
    return f"{each['task_id']} on {each['hostname']} from {start} s to {end} s: {each['state']}"


@pytest.mark.skipif("CITY_INDICATORS_CLUSTER" not in os.environ, reason="run by make test-cluster")
def test_the_reports_are_the_same_when_a_worker_is_killed(
    open_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def log_line(line: str) -> None:
        with capsys.disabled():
            print(f"\n{line}")

    expected = undisturbed(open_path / "one", log_line)
    found = with_one_killed(open_path / "two", log_line)
    log_line(f"{len(found)} tables with equal checksums: {found == expected}")
    assert found == expected
