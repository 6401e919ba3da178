"""Deletes once a day what nothing needs any more: old logs of tasks, staged rows, and Airflow's history.

`python docker/housekeeping.py --once` does it now. docs/how-to/free-disk-space.md says what may be deleted.
"""

import argparse
import os
import subprocess
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

LOGS = Path("/var/lib/airflow/logs")
LEAST_HISTORY_DAYS = 366
"""Of each DAG Airflow keeps only the latest run: with less history it could run an old interval again."""
HOUR = 3
MARK = Path("/tmp/housekeeping")  # noqa: S108
"""Its time is when this last waited or worked; the health check looks at it."""


def main(arguments: list[str] | None = None) -> None:
    """Clean up at HOUR o'clock UTC of every day, or once."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--once", action="store_true", help="clean up now, then end")
    if parser.parse_args(arguments).once:
        clean(datetime.now(UTC))
        return
    while True:
        MARK.touch()
        now = datetime.now(UTC)
        if now.hour == HOUR:
            clean(now)
            time.sleep(3600)
        else:
            time.sleep(600)


def clean(now: datetime) -> None:
    """Delete what is older than the settings say, and print what was deleted."""
    delete_old(LOGS, days("KEEP_LOG_DAYS"), now)
    if staged := staged_folder():
        delete_old(staged, days("KEEP_STAGED_DAYS"), now)
    history = days("KEEP_HISTORY_DAYS")
    if history < LEAST_HISTORY_DAYS:
        least = f"KEEP_HISTORY_DAYS to {LEAST_HISTORY_DAYS} or more"
        print(f"Nothing of Airflow's history deleted. Next step: set {least}", flush=True)
        return
    before = (now - timedelta(days=history)).strftime("%Y-%m-%d")
    command = ["airflow", "db", "clean", "--yes", "--skip-archive", "--error-on-cleanup-failure"]
    done = subprocess.run([*command, "--clean-before-timestamp", before], check=False)  # noqa: S603
    outcome = "could not be deleted" if done.returncode else "deleted"
    print(f"Airflow's history before {before}: {outcome}", flush=True)


def delete_old(folder: Path, keep_days: int, now: datetime) -> int:
    """Delete the older files of a folder, and folders that are empty then; returns how many files."""
    oldest = (now - timedelta(days=keep_days)).timestamp()
    deleted = freed = 0
    for path, _, names in os.walk(folder, topdown=False):
        for name in names:
            file = Path(path, name)
            status = file.lstat()
            if status.st_mtime < oldest:
                file.unlink()
                deleted, freed = deleted + 1, freed + status.st_size
        if Path(path) != folder and not any(os.scandir(path)):
            Path(path).rmdir()
    print(f"{folder}: {deleted} files older than {keep_days} days deleted, {freed / 1e6:.1f} MB", flush=True)
    return deleted


def staged_folder() -> Path | None:
    """The folder of staged rows; None if the archive is in a bucket, which deletes by its own rule."""
    archive = os.environ["CITY_INDICATORS_ARCHIVE"]
    return Path(archive.removeprefix("file://"), "staged") if archive.startswith("file://") else None


def days(setting: str) -> int:
    """The value of a setting, in days."""
    return int(os.environ[setting])


if __name__ == "__main__":
    main()
