"""The daily digest: its subject and its lines."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from city_indicators.orchestration.digest import Day, compose

UNTIL = datetime(2026, 3, 2, 8, 30, tzinfo=UTC)
QUIET = Day(
    UNTIL - timedelta(days=1),
    UNTIL,
    sources_checked=0,
    loads=[],
    rejected=[],
    overdue=[],
    failures=[],
    verified=[],
    sizes={
        **{"database_bytes": 76_447_000, "archive_bytes": 18_700_000, "before": None},
        **{"database_bytes_before": None, "archive_bytes_before": None},
    },
)
LOAD = {
    "source": "un_wup",
    "published": 2,
    "refused": 1,
    "waiting": 0,
    "read_rows": 100,
    "rejected_rows": 3,
    "added": 90,
    "revised": 5,
    "withdrawn": 1,
}


def test_a_quiet_day_has_a_digest() -> None:
    message = compose(QUIET, [], "https://airflow.example")
    assert message.subject == (
        "daily_digest: 2026-03-02: loads 0, rows rejected 0, sources overdue 0, tasks failed 0"
    )
    assert message.text.splitlines() == [
        "from 2026-03-01 08:30 to 2026-03-02 08:30 UTC",
        "sources that answered: 0",
        *("", "loads:", "  none"),
        *("", "rejected rows by rule:", "  none"),
        *("", "overdue:", "  none"),
        *("", "failed:", "  none"),
        *("", "latest verification of the archive:", "  none"),
        *("", "sizes:", "  warehouse: 76.4 MB", "  archive: 18.7 MB"),
        *("", "all sources: https://airflow.example/city-indicators/quality"),
    ]


def test_the_digest_shows_how_warehouse_and_archive_grow() -> None:
    before = {"before": UNTIL - timedelta(days=1), "database_bytes_before": 70_000_000}
    known = replace(QUIET, sizes={**QUIET.sizes, **before, "archive_bytes_before": 18_800_000})
    lines = compose(known, [], "https://airflow.example").text.splitlines()
    first = lines.index("sizes:") + 1
    assert lines[first : first + 2] == [
        "  warehouse: 76.4 MB, +6.4 MB since 2026-03-01",
        "  archive: 18.7 MB, -0.1 MB since 2026-03-01",
    ]


def test_unhealthy_services_come_first() -> None:
    message = compose(QUIET, ["triggerer", "dag-processor"], "https://airflow.example")
    assert message.subject.startswith(
        "daily_digest: 2026-03-02: not healthy: triggerer, dag-processor; loads 0"
    )
    first, _, second, *_ = message.text.splitlines()
    assert first.startswith("not healthy: triggerer, dag-processor. ")
    assert second == "from 2026-03-01 08:30 to 2026-03-02 08:30 UTC"


def test_digest_lists_loads_rules_overdue_sources_and_failures() -> None:
    known = replace(
        QUIET,
        sources_checked=17,
        loads=[LOAD],
        rejected=[
            {"source": "un_wup", "rule": "plausible_range", "n_rows": 2},
            {"source": "un_wup", "rule": "known_area", "n_rows": 1},
        ],
        overdue=[
            {
                "source": "owid_grapher",
                "freshness": "stale",
                "freshness_reason": "period_missing",
                "indicators": [{"indicator": "CO2_PC"}, {"indicator": "ENERGY_PC"}],
            }
        ],
        failures=[
            {
                "dag_id": "ingest_un_wup",
                "run_id": "manual__2026-03-01T00:00:00+00:00",
                "task_id": "fetch",
                "failed_at": UNTIL - timedelta(hours=2),
                "error": "SourceUnavailableError: HTTP 500",
            }
        ],
        verified=[
            {
                "finished_at": UNTIL - timedelta(days=2),
                "objects": 120,
                "missing": 0,
                "damaged": 2,
                "unknown": 7,
                "healed": 1,
                "first_object": "0ab",
            }
        ],
    )
    message = compose(known, [], "https://airflow.example")
    assert message.subject.endswith("loads 3, rows rejected 3, sources overdue 1, tasks failed 1")
    run = "https://airflow.example/dags/ingest_un_wup/runs/manual__2026-03-01T00%3A00%3A00%2B00%3A00"
    assert [line for line in message.text.splitlines() if line.startswith("  ")] == [
        "  un_wup: 2 published, 1 refused, 0 not yet published; 100 rows read, 3 rejected; "
        "90 observations added, 5 revised, 1 withdrawn",
        "  un_wup: plausible_range 2, known_area 1",
        "  owid_grapher: stale, period_missing: CO2_PC, ENERGY_PC",
        f"  06:30 fetch of {run}: SourceUnavailableError: HTTP 500",
        "  2026-02-28: 120 files read, 0 missing, 2 damaged, 7 unknown, 1 healed. "
        "Next step: restore 0ab and the other files of archive.lost_file",
        "  warehouse: 76.4 MB",
        "  archive: 18.7 MB",
    ]
