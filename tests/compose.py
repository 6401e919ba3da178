"""Reads docker-compose.yaml for tests."""

import re
from typing import Any, Final

import yaml

from city_indicators.core.paths import PROJECT

Services = dict[str, dict[str, Any]]

VARIABLE: Final = re.compile(r"\$\{(?P<name>\w+)(?P<rest>[^}]*)\}")
BUCKET: Final = {
    "AIRFLOW_EXECUTOR": "CeleryExecutor",
    "CITY_INDICATORS_STORAGE": "s3://bucket@city-indicators",
    "AIRFLOW_REMOTE_LOGGING": "true",
    "AIRFLOW_REMOTE_LOGS": "s3://city-indicators/logs",
}
"""The settings of .env for several workers, as in docs/how-to/run-several-workers.md."""


def text() -> str:
    return (PROJECT / "docker-compose.yaml").read_text(encoding="utf-8")


def services() -> Services:
    found: Services = yaml.safe_load(text())["services"]
    return found


def composed(**chosen: str) -> dict[str, str]:
    """The environment of Airflow's services, with the settings of .env and defaults for the others."""

    def value(found: re.Match[str]) -> str:
        return chosen.get(found["name"], found["rest"].removeprefix(":-"))

    given = services()["scheduler"]["environment"]
    return {name: VARIABLE.sub(value, str(setting)) for name, setting in given.items()}
