"""Writes .env, the secrets of one server, once. Uses only the standard library: nothing is installed yet.

An existing file keeps every line; only the secrets that a newer release requires are added.
"""

from __future__ import annotations

import argparse
import base64
import os
import secrets
from pathlib import Path

DEFAULT = Path(__file__).resolve().parents[1] / ".env"

TEMPLATE = """\
# Secrets and settings of this server, listed in docs/reference/settings.md. Keep this file with the backups.
# Passwords: letters, digits, - and _ only, because they become parts of URLs.

# The prefix of containers and volumes, so that they are found after the checkout has moved.
COMPOSE_PROJECT_NAME=city-indicators

# Airflow's keys, shared by all its services.
AIRFLOW_FERNET_KEY={fernet_key}
AIRFLOW_JWT_SECRET={jwt_secret}
AIRFLOW_API_SECRET_KEY={api_secret_key}

# Who may sign in to the web UI: user:role:password, separated by commas. Roles: admin, op, user, viewer.
AIRFLOW_USERS=admin:admin:{admin},viewer:viewer:{viewer}

# How the pipeline's tasks sign in to Airflow's API, to start backfills.
AIRFLOW_TASKS_PASSWORD={tasks}

# PostgreSQL: the administrator (takes effect at the first start only) and the roles of the pipeline.
POSTGRES_PASSWORD={postgres}
AIRFLOW_DATABASE_PASSWORD={airflow}
WAREHOUSE_ETL_PASSWORD={etl}
WAREHOUSE_RESEARCHER_PASSWORD={researcher}
WAREHOUSE_STEWARD_PASSWORD={steward}

# Redis, the queue of several workers.
REDIS_PASSWORD={redis}

# The user admin of Grafana, in the profile `observe`; takes effect at its first start.
GRAFANA_PASSWORD={grafana}

# Settings with their defaults.
# AIRFLOW_BIND=127.0.0.1
# AIRFLOW_PORT=8080
# AIRFLOW_BASE_URL=http://127.0.0.1:8080
# AIRFLOW_PARALLELISM=8
# AIRFLOW__OPENLINEAGE__TRANSPORT=
# POSTGRES_BIND=127.0.0.1
# POSTGRES_PORT=5433
# POSTGRES_IMAGE=postgres:18@sha256:86c951e05bf56c93d95d397747fb8820ac76cc3bedb78f43abd83eedbe3666ae
# BASE_IMAGE=python:3.12-slim@sha256:229a2c5bfa27522db7815ea81f9bed70af17ccb9de9fc7ad142b1877b5830d36
# REQUIREMENTS=requirements.txt

# Several workers, and a bucket instead of volumes: see docs/how-to/run-several-workers.md.
# AIRFLOW_EXECUTOR=LocalExecutor
# CITY_INDICATORS_STORAGE=file:///var/lib/city_indicators
# AIRFLOW_CONN_BUCKET=
# AIRFLOW_REMOTE_LOGGING=false
# AIRFLOW_REMOTE_LOGS=
# AIRFLOW_WORKERS=1
# AIRFLOW_WORKER_CONCURRENCY=4
# REDIS_IMAGE=redis:8@sha256:8a1efc5f479551822b47424ccae982026b633f28818eab0387348120a61e10e2
# REDIS_BIND=127.0.0.1
# REDIS_PORT=6379
# API_SERVER_ADDRESS=api-server:8080
# POSTGRES_ADDRESS=postgres:5432
# REDIS_ADDRESS=redis:6379
# CITY_INDICATORS_TAG=latest

# A daily backup and deletion of what nothing needs: see docs/how-to/back-up-and-restore.md.
# KEEP_BACKUP_DAYS=14
# KEEP_LOG_DAYS=90
# KEEP_STAGED_DAYS=30
# KEEP_HISTORY_DAYS=400

# Metrics, alarms and a dashboard: see docs/how-to/watch-with-prometheus.md.
# AIRFLOW_METRICS=false
# AIRFLOW_METRICS_ENDPOINT=http://prometheus:9090/api/v1/otlp/v1/metrics
# ALARM_WEBHOOK=
# GRAFANA_BIND=127.0.0.1
# GRAFANA_PORT=3000
# PROMETHEUS_IMAGE=prom/prometheus:v3.5.0@sha256:63805ebb8d2b3920190daf1cb14a60871b16fd38bed42b857a3182bc621f4996
# ALERTMANAGER_IMAGE=prom/alertmanager:v0.28.1@sha256:27c475db5fb156cab31d5c18a4251ac7ed567746a2483ff264516437a39b15ba
# GRAFANA_IMAGE=grafana/grafana:12.1.1@sha256:a1701c2180249361737a99a01bc770db39381640e4d631825d38ff4535efa47d
"""

PASSWORDS = (
    "admin",
    "viewer",
    "tasks",
    "postgres",
    "airflow",
    "etl",
    "researcher",
    "steward",
    "redis",
    "grafana",
)


def text() -> str:
    """The content of a new .env, with fresh secrets."""
    return TEMPLATE.format(
        fernet_key=base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        jwt_secret=secrets.token_urlsafe(48),
        api_secret_key=secrets.token_urlsafe(48),
        **{name: secrets.token_urlsafe(18) for name in PASSWORDS},
    )


def missing(present: str) -> list[str]:
    """Lines with fresh secrets for variables that an older .env does not set."""
    names = {line.partition("=")[0] for line in present.splitlines()}
    lines = [line for line in text().splitlines() if line and not line.startswith(("#", "COMPOSE_"))]
    return [line for line in lines if line.partition("=")[0] not in names]


def complete(file: Path) -> None:
    """Add missing secrets to an existing file."""
    present = file.read_text(encoding="utf-8")
    lines = missing(present)
    if not lines:
        print(
            f"{file} exists and is not changed: the databases use its passwords. "
            "To change one, edit its line and run `make up`."
        )
        return
    separator = "" if present.endswith("\n") else "\n"
    with file.open("a", encoding="utf-8") as out:
        out.write(separator + "".join(f"{line}\n" for line in lines))
    print(f"Added {', '.join(line.partition('=')[0] for line in lines)} to {file}. Next: `make up`.")


def main(arguments: list[str] | None = None) -> None:
    """Write the file, readable by its owner only, or complete an existing one."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", nargs="?", type=Path, default=DEFAULT)
    file = parser.parse_args(arguments).file
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        complete(file)
        return
    with os.fdopen(descriptor, "w", encoding="utf-8") as out:
        out.write(text())
    print(f"Wrote {file}: secrets of this server, readable by you only. Next: `make up`.")


if __name__ == "__main__":
    main()
