"""The profile `keep`: what is deleted, and a backup that is restored to see that it can be read."""

import os
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType

import pytest
from sqlalchemy import URL

from city_indicators.core.paths import PROJECT
from city_indicators.warehouse.database import engine
from standalone import postgres
from standalone.postgres import Server

NOW = datetime(2026, 3, 1, 3, tzinfo=UTC)


@pytest.fixture
def housekeeping(script: Callable[[str], ModuleType]) -> ModuleType:
    return script("housekeeping")


def aged(file: Path, days: float) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("log", encoding="utf-8")
    at = (NOW - timedelta(days=days)).timestamp()
    os.utime(file, (at, at), follow_symlinks=False)
    return file


def test_deletes_files_by_age_and_folders_that_are_empty_then(
    housekeeping: ModuleType, tmp_path: Path
) -> None:
    old = aged(tmp_path / "dag_id=a" / "run_id=1" / "attempt=1.log", 91)
    kept = aged(tmp_path / "dag_id=b" / "run_id=2" / "attempt=1.log", 89)
    beside = aged(tmp_path / "dag_id=b" / "run_id=2" / "attempt=0.log", 91)
    target = aged(tmp_path / "outside.log", 1)
    (tmp_path / "dag_id=b" / "latest").symlink_to(target)
    assert housekeeping.delete_old(tmp_path, 90, NOW) == 2
    assert not old.parent.parent.exists()
    assert not beside.exists()
    assert (kept.exists(), target.exists(), tmp_path.exists()) == (True, True, True)


@pytest.mark.parametrize(
    ("archive", "folder"),
    [("file:///var/lib/x/archive", Path("/var/lib/x/archive/staged")), ("s3://bucket@b/archive", None)],
)
def test_staged_rows_of_a_bucket_are_deleted_by_its_own_rule(
    housekeeping: ModuleType, monkeypatch: pytest.MonkeyPatch, archive: str, folder: Path | None
) -> None:
    monkeypatch.setenv("CITY_INDICATORS_ARCHIVE", archive)
    assert housekeeping.staged_folder() == folder


@pytest.mark.parametrize(("days", "before"), [("400", "2025-01-25"), ("365", None)])
def test_history_is_deleted_before_a_day_and_never_the_last_year(
    housekeeping: ModuleType,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    days: str,
    before: str | None,
) -> None:
    run: list[list[str]] = []
    monkeypatch.setattr(housekeeping, "LOGS", tmp_path)
    monkeypatch.setattr(
        housekeeping.subprocess,
        "run",
        lambda command, **_: run.append(command) or subprocess.CompletedProcess(command, 0),
    )
    monkeypatch.setenv("CITY_INDICATORS_ARCHIVE", "s3://bucket@b/archive")
    for name, value in (("LOG", "90"), ("STAGED", "30"), ("HISTORY", days)):
        monkeypatch.setenv(f"KEEP_{name}_DAYS", value)
    housekeeping.clean(NOW)
    assert [command[-1] for command in run] == ([before] if before else [])
    assert ("KEEP_HISTORY_DAYS to 366 or more" in capsys.readouterr().out) == (before is None)


def test_airflow_knows_the_command_that_deletes_its_history() -> None:
    from airflow.cli.cli_parser import get_parser

    command = [
        "--yes",
        "--skip-archive",
        "--error-on-cleanup-failure",
        "--clean-before-timestamp",
        "2025-01-25",
    ]
    parsed = get_parser().parse_args(["db", "clean", *command])
    assert (parsed.skip_archive, parsed.yes) == (True, True)


LOAD = """
insert into ops.load (
    source, dag_id, run_id, interval_start, interval_end, indicators, partial, state, refusals, warnings,
    read_rows, accepted_rows, rejected_rows, empty_cells, out_of_scope_rows, validated_at, staged_path
) values ('un_wup', 'd', 'r', '2019-01-01', '2020-01-01', '{POP_AGGLO}', false, 'validated', '{}', '{}',
    1, 1, 0, 0, 0, now(), '')
"""
PUBLISHED = """
insert into core.observation_version (
    ref_area, indicator, time_period, source, version, freq, obs_value, unit_measure, obs_status, geo_basis,
    withdrawn, load_id, known_from
)
select 'moscow', 'POP_AGGLO', '2019', 'un_wup', load_id, 'A', 1, 'PERSONS', 'A', 'city', false, load_id, now()
from ops.load where {0};
update ops.load
set state = 'published', published_at = now(),
    added = 1, revised = 0, withdrawn = 0, unchanged = 0, outdated = 0
where {0}
"""


def backed_up(
    server: Server, warehouse_url: URL, folder: Path, tmp_path: Path, after_the_dump: str = ""
) -> subprocess.CompletedProcess[str]:
    """Run a copy of docker/backup.sh once that calls the warehouse by the name of the test's database.

    SQL may change the warehouse after the dump.
    """
    text = (PROJECT / "docker" / "backup.sh").read_text(encoding="utf-8")
    own = tmp_path / "backup.sh"
    text = text.replace("for database in warehouse airflow", f"for database in {warehouse_url.database}")
    text = text.replace("$(value warehouse", f"$(value {warehouse_url.database}")
    own.write_text(text.replace("/warehouse-$now", f"/{warehouse_url.database}-$now"), encoding="utf-8")
    binaries = postgres._binaries()
    dump = tmp_path / "bin" / "pg_dump"
    dump.parent.mkdir()
    dump.write_text(
        f'#!/bin/sh\nset -e\n"{binaries}/pg_dump" "$@"\n'
        f'"{binaries}/psql" --dbname {warehouse_url.database} --quiet --set ON_ERROR_STOP=1 <<SQL\n'
        f"{after_the_dump}\nSQL\n",
        encoding="utf-8",
    )
    dump.chmod(0o755)
    environment = {
        **os.environ,
        "PATH": f"{dump.parent}:{binaries}:{os.environ['PATH']}",
        "PGHOST": str(server.admin.query["host"]),
        "PGUSER": "postgres",
        "FOLDER": str(folder),
        "KEEP_BACKUP_DAYS": "14",
    }
    return subprocess.run(["sh", str(own), "once"], env=environment, capture_output=True, text=True)


def test_a_dump_is_restored_and_compared_with_the_warehouse(
    server: Server, warehouse_url: URL, tmp_path: Path
) -> None:
    folder = tmp_path / "backups"
    old = aged(folder / "warehouse-old.dump", 20)
    recent = aged(folder / "warehouse-recent.dump", 10)
    # By the clock of `find`.
    for file, days in ((old, 16), (recent, 10)):
        at = (datetime.now(UTC) - timedelta(days=days)).timestamp()
        os.utime(file, (at, at))
    with engine(warehouse_url).begin() as connection:
        for written in (LOAD, PUBLISHED.format("load_id = 1")):
            connection.exec_driver_sql(written)
    done = backed_up(server, warehouse_url, folder, tmp_path)
    assert done.returncode == 0, done.stderr
    assert "restored, 1 versions of observations up to load 1 as in the warehouse" in done.stdout
    (made,) = folder.glob(f"{warehouse_url.database}-*.dump")
    assert made.stat().st_size > 10_000
    assert (old.exists(), recent.exists()) == (False, True)
    assert not list(folder.glob("*.part"))


def test_a_load_that_waited_while_it_was_dumped_is_no_difference(
    server: Server, warehouse_url: URL, tmp_path: Path
) -> None:
    """Its number is lower than that of a load of the dump, and its version comes after the dump."""
    with engine(warehouse_url).begin() as connection:
        for written in (LOAD, LOAD, PUBLISHED.format("load_id = 2")):
            connection.exec_driver_sql(written)
    done = backed_up(server, warehouse_url, tmp_path, tmp_path, PUBLISHED.format("load_id = 1"))
    assert done.returncode == 0, done.stderr
    assert "restored, 1 versions of observations up to load 2 as in the warehouse" in done.stdout
    with engine(warehouse_url).connect() as connection:
        stored = connection.exec_driver_sql("select count(*) from core.observation_version").scalar_one()
    assert stored == 2


def test_a_dump_that_has_other_versions_than_the_warehouse_is_named(
    server: Server, warehouse_url: URL, tmp_path: Path
) -> None:
    with engine(warehouse_url).begin() as connection:
        for written in (LOAD, PUBLISHED.format("load_id = 1")):
            connection.exec_driver_sql(written)
    removed = """
        alter table core.observation_version disable trigger append_only;
        delete from core.observation_version
    """
    done = backed_up(server, warehouse_url, tmp_path, tmp_path, removed)
    assert done.returncode == 1
    assert "restored 1 versions of observations up to load 1, the warehouse has 0" in done.stderr


def test_a_backup_that_fails_leaves_no_dump_and_says_so(
    server: Server, warehouse_url: URL, tmp_path: Path
) -> None:
    nowhere = warehouse_url.set(database="nowhere")
    folder = tmp_path / "backups"
    folder.mkdir()
    done = backed_up(server, nowhere, folder, tmp_path)
    assert done.returncode != 0
    assert 'database "nowhere" does not exist' in done.stderr
    assert not list(folder.glob("*.dump"))
