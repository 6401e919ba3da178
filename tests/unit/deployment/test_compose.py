"""docker-compose.yaml and Dockerfile: no secret without .env, nobody is root, names that the code reads."""

import json
import re
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest
import yaml

from city_indicators.airflow import connections
from city_indicators.airflow.connections import AIRFLOW_API, WAREHOUSE
from city_indicators.local.services import LINEAGE
from city_indicators.paths import PROJECT

SECRET = re.compile(r"\w*(?:PASSWORD|SECRET|KEY|USERS)\w*")
VARIABLE = re.compile(r"\$\{(?P<name>\w+)(?P<rest>[^}]*)\}")
ONE_SHOT = "init"

Services = dict[str, dict[str, Any]]


def environment(services: Services) -> dict[str, str]:
    merged: dict[str, str] = {}
    for service in services.values():
        merged |= service.get("environment", {})
    return merged


def test_the_services_of_airflow_are_all_there(services: Services) -> None:
    assert set(services) == {"postgres", "init", "api-server", "scheduler", "dag-processor", "triggerer"}


def test_only_keys_that_old_and_new_compose_understand(compose_text: str) -> None:
    top = {key for key in yaml.safe_load(compose_text) if not key.startswith("x-")}
    assert top == {"services", "volumes"}


def test_a_missing_secret_is_refused_with_the_next_step(compose_text: str) -> None:
    secrets = [found for found in VARIABLE.finditer(compose_text) if SECRET.fullmatch(found["name"])]
    assert len({found["name"] for found in secrets}) == 10
    assert {found["rest"] for found in secrets} == {":?run `make env` first"}


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
        knows = "${POSTGRES_PASSWORD" in json.dumps(service["environment"])
        assert knows == (name in {"postgres", ONE_SHOT})


def test_every_lasting_service_has_a_health_check_and_comes_back(services: Services) -> None:
    lasting = {name: service for name, service in services.items() if name != ONE_SHOT}
    assert all("healthcheck" in service for service in lasting.values())
    assert {service["restart"] for service in lasting.values()} == {"unless-stopped"}
    assert services[ONE_SHOT]["restart"] == "no"


def test_services_start_in_order(services: Services) -> None:
    def waits_for(name: str) -> dict[str, str]:
        return {other: wait["condition"] for other, wait in services[name]["depends_on"].items()}

    assert waits_for(ONE_SHOT) == {"postgres": "service_healthy"}
    assert waits_for("api-server") == {ONE_SHOT: "service_completed_successfully"}
    for name in ("scheduler", "dag-processor", "triggerer"):
        assert waits_for(name) == {"api-server": "service_healthy"}


def test_nobody_is_root(services: Services, dockerfile: str) -> None:
    last_user = re.findall(r"^USER (.+)$", dockerfile, re.MULTILINE)[-1]
    for name, service in services.items():
        user = service.get("user", last_user if "build" in service else "root")
        assert user.split(":")[0] not in {"root", "0"}, name
        assert service["cap_drop"] == ["ALL"], name


def test_ports_are_bound_to_the_loopback_address(services: Services) -> None:
    published = [port for service in services.values() for port in service.get("ports", [])]
    assert len(published) == 2
    assert all(re.match(r"\$\{\w+_BIND:-127\.0\.0\.1\}:", port) for port in published)


def test_volumes_hold_what_must_outlive_a_container(services: Services, compose_text: str) -> None:
    mounted = {
        volume.split(":")[0]: volume.split(":")[1]
        for service in services.values()
        for volume in service["volumes"]
    }
    assert set(mounted) == set(yaml.safe_load(compose_text)["volumes"])
    assert set(mounted) == {"database", "archive", "data_docs", "inbox", "logs"}


def test_paths_of_the_image_lie_on_the_volumes(services: Services, dockerfile: str) -> None:
    given = dict(re.findall(r"(CITY_INDICATORS_\w+|AIRFLOW_HOME)=(\S+)", dockerfile))
    folders = dict(volume.split(":") for volume in services["scheduler"]["volumes"])
    assert given["CITY_INDICATORS_ARCHIVE"] == f"file://{folders['archive']}"
    assert given["CITY_INDICATORS_INBOX"] == f"file://{folders['inbox']}"
    # One folder deeper: a mounted folder cannot be replaced by renaming.
    assert given["CITY_INDICATORS_DATA_DOCS"].rpartition("/")[0] == folders["data_docs"]
    assert folders["logs"] == f"{given['AIRFLOW_HOME']}/logs"


def test_the_code_reads_the_names_that_are_set(services: Services, dockerfile: str) -> None:
    assert f"AIRFLOW_CONN_{WAREHOUSE.upper()}" in services["scheduler"]["environment"]
    library = PROJECT / "plugins" / "city_indicators"
    read = "\n".join(file.read_text(encoding="utf-8") for file in library.rglob("*.py"))
    for name in re.findall(r"CITY_INDICATORS_\w+", dockerfile):
        assert f'environ.get("{name}"' in read, name


def test_the_tasks_find_the_api_and_may_sign_in(
    services: Services, script: Callable[[str], ModuleType]
) -> None:
    from airflow.sdk import Connection

    variable = f"AIRFLOW_CONN_{AIRFLOW_API.upper()}"
    told = VARIABLE.sub("t" * 12, services["scheduler"]["environment"][variable])
    connection = Connection.from_uri(told, conn_id=AIRFLOW_API)
    assert connections._address(connection) == "http://api-server:8080"
    user = script("api_server").everybody("ann:admin:x", "t" * 12)[-1]
    assert (connection.login, connection.password) == (user.name, user.password)
    assert "AIRFLOW_TASKS_PASSWORD" in services["api-server"]["environment"]


def test_airflow_knows_its_settings(services: Services, dockerfile: str) -> None:
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
        service["environment"].get(LINEAGE) for service in services.values() if "build" in service
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
