"""Loads a Parquet file by dlt, or takes a dbt snapshot; runs in build/peers, which has none of our packages.

It prints the seconds by the clock and those of the processor, without imports, and the peak of memory in MB.
"""

import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

os.environ |= {"DO_NOT_TRACK": "1", "RUNTIME__DLTHUB_TELEMETRY": "false"}
KEY = ["indicator", "time_period", "ref_area"]
CONTENT = ["obs_value", "unit_measure", "obs_status", "geo_basis"]
HASH = "row_hash"


def dlt_load(
    strategy: str, socket: str, database: str, role: str, file: str, folder: str
) -> Callable[[], None]:
    """A load of an Arrow table, as dlt documents it: CSV by COPY, with hashes of rows for scd2."""
    import dlt
    import pyarrow.parquet as pq
    from dlt.sources.helpers.transform import add_row_hash_to_table

    # It requires a host and a password; libpq takes the socket, which needs none.
    to = dlt.destinations.postgres(f"postgresql://{role}:none@localhost/{database}?host={socket}")
    name = f"dlt_{strategy}"
    pipeline = dlt.pipeline(name, pipelines_dir=folder, destination=to, dataset_name=name)
    how = {"disposition": "merge", "strategy": strategy}

    def load() -> None:
        rows = dlt.resource(pq.read_table(file), name="observation")
        if strategy == "scd2":
            rows.apply_hints(write_disposition=how | {"row_version_column_name": HASH})
            rows.add_map(add_row_hash_to_table(HASH))
        else:
            rows.apply_hints(write_disposition=how, primary_key=KEY)
        pipeline.run(rows, loader_file_format="csv").raise_on_failed_jobs()

    return load


def dbt_snapshot(socket: str, database: str, role: str, folder: str) -> Callable[[], None]:
    """A snapshot of public.observation, which compares the content of each key."""
    from dbt.cli.main import dbtRunner

    target = {"type": "postgres", "host": socket, "port": 5432, "user": role, "password": "none"}
    target |= {"dbname": database, "schema": "dbt", "threads": 1}
    config = {"strategy": "check", "unique_key": KEY, "check_cols": CONTENT, "hard_deletes": "invalidate"}
    source = {"name": "staged", "schema": "public", "tables": [{"name": "observation"}]}
    taken = {"name": "observation_versions", "relation": "source('staged', 'observation')", "config": config}
    project = Path(folder)
    (project / "snapshots").mkdir(parents=True, exist_ok=True)
    for name, content in {
        "dbt_project.yml": {
            "name": "peer",
            "profile": "peer",
            "flags": {"send_anonymous_usage_stats": False},
        },
        "profiles.yml": {"peer": {"target": "peer", "outputs": {"peer": target}}},
        "snapshots/observation.yml": {"sources": [source], "snapshots": [taken]},
    }.items():
        (project / name).write_text(json.dumps(content), encoding="utf-8")

    def load() -> None:
        done = dbtRunner().invoke(["snapshot", "--project-dir", folder, "--profiles-dir", folder])
        if not done.success:
            raise SystemExit(f"dbt snapshot failed: {done.exception}")

    return load


if __name__ == "__main__":
    tool, *server, rows, home = sys.argv[1:]
    load = dbt_snapshot(*server, home) if tool == "snapshot" else dlt_load(tool, *server, rows, home)
    wall, cpu = time.perf_counter(), sum(os.times()[:4])
    load()
    wall, cpu = time.perf_counter() - wall, sum(os.times()[:4]) - cpu
    # The peak of getrusage includes that of the parent process.
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    peak = next(line for line in lines if line.startswith("VmHWM"))
    print(wall, cpu, int(peak.split()[1]) / 1024)
