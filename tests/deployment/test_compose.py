"""docker-compose.yaml and Dockerfile: no default secrets, no root, and the variables that the code reads."""

import inspect
import json
import os
import re
import shutil
import socket
import subprocess
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest
import yaml

from city_indicators.core.paths import PROJECT
from city_indicators.orchestration import connections
from city_indicators.orchestration.connections import AIRFLOW_API, WAREHOUSE
from standalone import postgres
from standalone.services import LINEAGE
from tests.compose import BUCKET, VARIABLE, Services, composed

COMPOSE = PROJECT / "docker-compose.yaml"
SECRET = re.compile(r"\w*(?:PASSWORD|SECRET|KEY|USERS)\w*")
ONE_SHOT = "init"
OURS = "city-indicators:${CITY_INDICATORS_TAG:-latest}"


@pytest.fixture
def make_env(script: Callable[[str], ModuleType]) -> ModuleType:
    return script("make_env")


def environment(services: Services) -> dict[str, str]:
    merged: dict[str, str] = {}
    for service in services.values():
        merged |= service.get("environment", {})
    return merged


def test_all_services_of_airflow_are_declared(services: Services) -> None:
    always = {name for name, service in services.items() if "profiles" not in service}
    assert always == {"postgres", "init", "api-server", "scheduler", "dag-processor", "triggerer"}
    assert {name: services[name]["profiles"] for name in services.keys() - always} == {
        "redis": ["celery"],
        "worker": ["celery"],
        **{name: ["keep"] for name in ("housekeeping", "backup")},
        **{name: ["observe"] for name in ("metrics", "prometheus", "alertmanager", "grafana")},
    }


def test_only_keys_that_old_and_new_compose_understand(compose_text: str) -> None:
    top = {key for key in yaml.safe_load(compose_text) if not key.startswith("x-")}
    assert top == {"services", "volumes"}


def test_a_missing_secret_is_refused_with_the_next_step(compose_text: str) -> None:
    secrets = [found for found in VARIABLE.finditer(compose_text) if SECRET.fullmatch(found["name"])]
    assert len({found["name"] for found in secrets}) == 12
    assert {found["rest"] for found in secrets} == {":?run `make env` first"}


def refusal(compose_text: str, environment: dict[str, str]) -> str:
    """The error of compose, empty if it starts; without Docker, the message of its rule for `:?`."""
    if program := shutil.which("docker-compose"):
        command = [program, "--file", str(COMPOSE), "config", "--quiet"]
        # A folder without .env.
        done = subprocess.run(command, env=environment, cwd="/", capture_output=True, text=True)
        return done.stderr if done.returncode else ""
    needed = re.findall(r"\$\{(\w+):\?([^}]*)\}", compose_text)
    return "".join(f"{name}: {message}" for name, message in needed if not environment.get(name))


def test_compose_starts_only_with_every_secret(
    compose_text: str, tmp_path: Path, make_env: ModuleType
) -> None:
    file = tmp_path / ".env"
    make_env.main([str(file)])
    lines = [line for line in file.read_text(encoding="utf-8").splitlines() if line and line[0] != "#"]
    complete = {**dict(line.split("=", 1) for line in lines), "PATH": os.environ["PATH"]}
    assert refusal(compose_text, complete) == ""
    secrets = complete.keys() - {"PATH", "COMPOSE_PROJECT_NAME"}
    assert len(secrets) == 12
    for name in secrets:
        message = refusal(compose_text, {**complete, name: ""})
        assert name in message, name
        assert "run `make env` first" in message
        assert not [secret for secret in secrets - {name} if complete[secret] in message]


def test_every_other_variable_has_a_default(compose_text: str) -> None:
    others = [found for found in VARIABLE.finditer(compose_text) if not SECRET.fullmatch(found["name"])]
    assert others
    assert all(found["rest"].startswith(":-") for found in others)


def test_no_secret_is_written_out(services: Services) -> None:
    for name, value in environment(services).items():
        if SECRET.fullmatch(name):
            assert VARIABLE.fullmatch(value), name
        if "://" in value and "@" in value:
            login = value.split("://")[1].rsplit("@")[0]
            assert VARIABLE.fullmatch(login.split(":", 1)[1]), name


def test_superuser_password_stays_with_the_server_and_its_preparation(services: Services) -> None:
    for name, service in services.items():
        knows = "${POSTGRES_PASSWORD" in json.dumps(service.get("environment"))
        assert knows == (name in {"postgres", "backup", ONE_SHOT})


def test_every_service_has_a_health_check_and_restarts(services: Services) -> None:
    lasting = {name: service for name, service in services.items() if name != ONE_SHOT}
    assert all("healthcheck" in service for service in lasting.values())
    assert {service["restart"] for service in lasting.values()} == {"unless-stopped"}
    assert services[ONE_SHOT]["restart"] == "no"


def test_the_first_service_builds_the_image_that_the_others_use(services: Services) -> None:
    # Compose writes the name of the service into the image: two that build never agree.
    assert [name for name, service in services.items() if "build" in service] == [ONE_SHOT]
    users = {name for name, service in services.items() if service["image"] == OURS}
    assert users > {ONE_SHOT, "api-server", "scheduler", "worker", "metrics", "housekeeping"}


def test_services_start_in_order(services: Services) -> None:
    def waits_for(name: str) -> dict[str, str]:
        return {other: wait["condition"] for other, wait in services[name]["depends_on"].items()}

    assert waits_for(ONE_SHOT) == {"postgres": "service_healthy"}
    assert waits_for("api-server") == {ONE_SHOT: "service_completed_successfully"}
    for name in ("scheduler", "dag-processor", "triggerer"):
        assert waits_for(name) == {"api-server": "service_healthy"}
    assert waits_for("worker") == {"api-server": "service_healthy", "redis": "service_healthy"}
    # Docker Compose 1.29 and 2 refuse to start a service that depends on one of an inactive profile.
    profiles = {name for name, service in services.items() if "profiles" in service}
    for name in services.keys() - profiles:
        assert not profiles & set(services[name].get("depends_on", {})), name


def test_nobody_is_root(services: Services, dockerfile: str) -> None:
    last_user = re.findall(r"^USER (.+)$", dockerfile, re.MULTILINE)[-1]
    for name, service in services.items():
        user = service.get("user", last_user if service["image"] == OURS else "root")
        assert user.split(":")[0] not in {"root", "0"}, name
        assert service["cap_drop"] == ["ALL"], name


def test_the_server_bounds_the_queue_of_messages_as_the_local_one_does(services: Services) -> None:
    command = services["postgres"]["command"]
    assert command == ["postgres", "-c", "max_notify_queue_pages=64"]
    assert f'"{command[-1]}"' in inspect.getsource(postgres)


def test_ports_are_bound_to_the_loopback_address(services: Services) -> None:
    published = [port for service in services.values() for port in service.get("ports", [])]
    assert len(published) == 4
    assert all(re.match(r"\$\{\w+_BIND:-127\.0\.0\.1\}:", port) for port in published)


def test_volumes_hold_what_must_outlive_a_container(services: Services, compose_text: str) -> None:
    mounted = {
        volume.split(":")[0]: volume.split(":")[1]
        for service in services.values()
        for volume in service.get("volumes", [])
        if not volume.startswith("./")
    }
    assert set(mounted) == set(yaml.safe_load(compose_text)["volumes"])
    assert set(mounted) == {
        "database",
        "archive",
        "data_docs",
        "inbox",
        "logs",
        "queue",
        "measurements",
        "backups",
    }


def test_folders_are_on_the_volumes_of_the_image(services: Services, dockerfile: str) -> None:
    given = composed()
    folders = dict(volume.split(":") for volume in services["scheduler"]["volumes"])
    for name in ("archive", "inbox", "data_docs"):
        assert given[f"CITY_INDICATORS_{name.upper()}"] == f"file://{folders[name]}"
    (home,) = re.findall(r"AIRFLOW_HOME=(\S+)", dockerfile)
    assert folders["logs"] == f"{home}/logs"
    assert all(folder in dockerfile for folder in folders.values())


def test_several_workers_share_nothing_but_the_bucket(services: Services) -> None:
    given = composed(**BUCKET)
    assert given["CITY_INDICATORS_ARCHIVE"] == "s3://bucket@city-indicators/archive"
    assert given["CITY_INDICATORS_INBOX"] == "s3://bucket@city-indicators/inbox"
    assert given["CITY_INDICATORS_DATA_DOCS"] == "s3://bucket@city-indicators/data_docs"
    # The connection in the addresses, and the logs with it.
    assert "AIRFLOW_CONN_BUCKET" in given
    assert given["AIRFLOW__LOGGING__REMOTE_LOG_CONN_ID"] == "bucket"
    # Services delete their local log once it is in the bucket.
    assert given["AIRFLOW__LOGGING__REMOTE_LOGGING"] == given["AIRFLOW__LOGGING__DELETE_LOCAL_LOGS"] == "true"
    assert services["worker"]["volumes"] == []


def test_env_sets_the_number_of_workers_for_every_up(
    services: Services, tmp_path: Path, make_env: ModuleType
) -> None:
    assert services["worker"]["scale"] == "${AIRFLOW_WORKERS:-1}"
    if program := shutil.which("docker-compose"):
        file = tmp_path / ".env"
        make_env.main([str(file)])
        file.write_text(file.read_text("utf-8").replace("# AIRFLOW_WORKERS=1", "AIRFLOW_WORKERS=3"), "utf-8")
        command = [program, "--file", str(COMPOSE), "--env-file", str(file), "--profile", "celery", "config"]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
        assert yaml.safe_load(done.stdout)["services"]["worker"]["scale"] == 3


def test_a_worker_can_be_scaled(services: Services) -> None:
    worker = services["worker"]
    assert not {"container_name", "hostname", "ports"} & set(worker)
    assert worker["environment"] == services["scheduler"]["environment"]
    assert worker["image"] == services["scheduler"]["image"]


def test_a_folder_of_one_machine_is_refused_for_several_workers(
    services: Services, script: Callable[[str], ModuleType]
) -> None:
    unshared = script("init").unshared
    assert unshared(composed()) == []
    assert unshared(composed(**BUCKET)) == []
    folders = ["CITY_INDICATORS_ARCHIVE", "CITY_INDICATORS_INBOX", "CITY_INDICATORS_DATA_DOCS"]
    logs = ["AIRFLOW__LOGGING__REMOTE_BASE_LOG_FOLDER"]
    assert unshared(composed(AIRFLOW_EXECUTOR="CeleryExecutor")) == folders + logs
    assert unshared(composed(**{**BUCKET, "CITY_INDICATORS_STORAGE": "/mnt/shared"})) == folders
    assert unshared(composed(**{**BUCKET, "AIRFLOW_REMOTE_LOGS": ""})) == logs


def test_celery_takes_the_settings_that_are_composed(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in composed(REDIS_PASSWORD="secret", **BUCKET).items():  # noqa: S106
        if name.startswith("AIRFLOW__CELERY"):
            monkeypatch.setenv(name, value)
    from airflow.configuration import conf
    from airflow.providers.celery.executors.default_celery import get_default_celery_config

    config = get_default_celery_config(conf)
    assert config["broker_url"] == "redis://:secret@redis:6379/0"
    assert config["imports"] == ["city_indicators.orchestration.preload"]
    assert config["worker_concurrency"] == 4
    assert config["task_acks_late"] is True
    assert config["broker_transport_options"] == {"visibility_timeout": 120}
    assert config["result_backend"] == f"db+{conf.get('database', 'sql_alchemy_conn')}"


def test_airflow_reaches_its_own_database_by_one_driver_for_each_kind_of_access() -> None:
    given = composed()
    sync, asynchronous = (given[f"AIRFLOW__DATABASE__SQL_ALCHEMY_CONN{end}"] for end in ("", "_ASYNC"))
    assert sync.startswith("postgresql+psycopg2://")
    assert asynchronous == sync.replace("+psycopg2", "+psycopg")


def test_the_code_reads_the_declared_variables(services: Services) -> None:
    given = services["scheduler"]["environment"]
    assert f"AIRFLOW_CONN_{WAREHOUSE.upper()}" in given
    library = PROJECT / "plugins" / "city_indicators"
    read = "\n".join(file.read_text(encoding="utf-8") for file in library.rglob("*.py"))
    names = [name for name in given if name.startswith("CITY_INDICATORS_")]
    assert len(names) == 3
    for name in names:
        assert f'environ.get("{name}"' in read, name


def test_the_tasks_can_sign_in_to_the_api(services: Services, script: Callable[[str], ModuleType]) -> None:
    from airflow.sdk import Connection

    variable = f"AIRFLOW_CONN_{AIRFLOW_API.upper()}"
    uri = composed(AIRFLOW_TASKS_PASSWORD="t" * 12)[variable]
    connection = Connection.from_uri(uri, conn_id=AIRFLOW_API)
    assert connections._address(connection) == "http://api-server:8080"
    user = script("api_server").all_users("ann:admin:x", "t" * 12)[-1]
    assert (connection.login, connection.password) == (user.name, user.password)
    assert "AIRFLOW_TASKS_PASSWORD" in services["api-server"]["environment"]


def test_all_settings_exist_in_airflow(services: Services, dockerfile: str) -> None:
    from airflow.configuration import conf

    names = {*environment(services), *re.findall(r"AIRFLOW__\w+", dockerfile)}
    settings = [name.lower().split("__")[1:] for name in names if name.startswith("AIRFLOW__")]
    assert len(settings) > 8
    for section, option in settings:
        assert option in conf.configuration_description[section]["options"], (section, option)


def test_openlineage_is_off_without_a_transport(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    from airflow.providers.openlineage import conf

    unset = {f"${{{LINEAGE}:-}}"}
    assert {
        given.get(LINEAGE)
        for service in services.values()
        if "AIRFLOW__CORE__EXECUTOR" in (given := service.get("environment", {}))
    } == unset
    monkeypatch.delenv("AIRFLOW__OPENLINEAGE__DISABLED", raising=False)
    monkeypatch.setenv(LINEAGE, "")
    assert conf.is_disabled()
    monkeypatch.setenv(LINEAGE, '{"type": "http", "url": "http://lineage.example:5000"}')
    assert not conf.is_disabled()


def test_the_scripts_that_are_run_exist(services: Services) -> None:
    run = re.findall(r"docker/\w+\.py", json.dumps(services))
    assert run
    assert all((PROJECT / script).is_file() for script in run)


@pytest.mark.parametrize("name", [".env", ".git", ".venv", ".local", "tests", "docs"])
def test_the_image_is_built_without(name: str) -> None:
    lines = (PROJECT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert "*" in lines
    assert f"!{name}" not in lines


def test_the_optional_requirements_are_in_the_image(dockerfile: str) -> None:
    assert "ARG REQUIREMENTS=requirements.txt" in dockerfile
    lines = (PROJECT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert {"!requirements.txt", "!requirements-cluster.txt"} <= set(lines)


def test_the_script_uses_the_worker_name_of_celery() -> None:
    from celery.utils.nodenames import default_nodename

    script = (PROJECT / "docker" / "worker_health.py").read_text(encoding="utf-8")
    assert default_nodename(None) == f"celery@{socket.gethostname()}"
    assert 'f"celery@{socket.gethostname()}"' in script


def test_a_dump_is_written_where_the_image_lets_its_user_write(services: Services) -> None:
    folder = services["backup"]["environment"]["FOLDER"]
    assert f"backups:{folder}" in services["backup"]["volumes"]
    assert f"database:{folder}" in services["postgres"]["volumes"]
    assert services["backup"]["image"] == services["postgres"]["image"]
