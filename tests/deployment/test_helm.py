"""deploy/: secrets only by name, the settings of docker-compose.yaml, and what `make helm-check` refuses."""

import json
import re
from typing import Any

import pytest
import yaml

from city_indicators.core.paths import PROJECT
from tests.compose import BUCKET, Services, composed
from tests.deployment.helm_check import faults

DEPLOY = PROJECT / "deploy"
BUILT_IN = {
    "AIRFLOW__CORE__EXECUTOR": "executor",
    "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": "data.metadataSecretName",
    "AIRFLOW__CELERY__BROKER_URL": "data.brokerUrlSecretName",
    "AIRFLOW__CORE__FERNET_KEY": "fernetKeySecretName",
    "AIRFLOW__API__SECRET_KEY": "apiSecretKeySecretName",
    "AIRFLOW__API_AUTH__JWT_SECRET": "jwtSecretName",
}
"""The settings that the chart sets by itself, each with the value that it comes from."""
KUBERNETES_ONLY = {"AIRFLOW__CORE__AUTH_MANAGER"}
"""The chart's default differs from Airflow's."""
ADDRESSES = {"AIRFLOW__CORE__EXECUTION_API_SERVER_URL", "AIRFLOW__API__BASE_URL"}

Values = dict[str, Any]


@pytest.fixture(scope="module")
def values() -> Values:
    return yaml.safe_load((DEPLOY / "values.yaml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def job() -> Values:
    found = yaml.safe_load((DEPLOY / "init-job.yaml").read_text(encoding="utf-8"))
    assert (found["apiVersion"], found["kind"]) == ("batch/v1", "Job")
    return found["spec"]["template"]["spec"]["containers"][0]


def at(values: Values, path: str) -> Any:
    for key in path.split("."):
        values = values[key]
    return values


def names(given: list[dict[str, Any]], key: str = "name") -> set[str]:
    return {entry[key] for entry in given}


def plain(values: Values) -> dict[str, str]:
    return {entry["name"]: entry["value"] for entry in values["env"]}


def test_every_setting_of_compose_reaches_kubernetes(values: Values) -> None:
    set_here = names(values["env"]) | names(values["secret"], "envName")
    assert set_here | BUILT_IN.keys() == composed().keys() | KUBERNETES_ONLY
    assert not set_here & BUILT_IN.keys()
    for path in BUILT_IN.values():
        assert at(values, path)


def test_settings_have_the_values_that_compose_gives_several_workers(values: Values) -> None:
    expected = composed(**BUCKET)
    given = plain(values)
    for name in given.keys() - KUBERNETES_ONLY - ADDRESSES:
        assert given[name] == expected[name], name
    assert values["executor"] == expected["AIRFLOW__CORE__EXECUTOR"]


def test_no_secret_is_among_the_values(values: Values) -> None:
    for name, value in plain(values).items():
        assert not re.search(r"PASSWORD|SECRET|KEY|_CONN_(?!ID)", name), name
        assert not re.search(r"://[^/]*:[^/]*@", value), name


def test_only_the_api_server_knows_the_users(values: Values, services: Services) -> None:
    api_server = json.dumps(values["apiServer"])
    others = json.dumps({key: value for key, value in values.items() if key != "apiServer"})
    alone = services["api-server"]["environment"].keys() - services["scheduler"]["environment"].keys()
    assert alone == {"AIRFLOW_USERS", "AIRFLOW_TASKS_PASSWORD"}
    for name in alone:
        assert name in api_server
        assert name not in others
    assert "exec " + " ".join(services["api-server"]["command"]) in api_server


def test_a_worker_is_probed_and_stopped_as_in_compose(values: Values, services: Services) -> None:
    worker = values["workers"]["celery"]
    assert ["CMD", *worker["livenessProbe"]["command"]] == services["worker"]["healthcheck"]["test"]
    assert services["worker"]["stop_grace_period"] == f"{worker['terminationGracePeriodSeconds'] // 60}m"


@pytest.mark.parametrize("component", ["scheduler", "dagProcessor", "triggerer"])
def test_no_probe_needs_the_official_image(values: Values, component: str) -> None:
    assert values[component]["livenessProbe"]["command"][:3] == ["airflow", "jobs", "check"]


def test_an_api_server_that_is_busy_for_two_minutes_is_not_restarted(values: Values) -> None:
    for kind in ("startupProbe", "livenessProbe"):
        probe = values["apiServer"][kind]
        assert probe["periodSeconds"] * (probe["failureThreshold"] - 1) >= 120, kind


def test_release_and_home_are_those_of_the_image(values: Values, dockerfile: str) -> None:
    pinned = (PROJECT / "requirements.txt").read_text(encoding="utf-8")
    assert f"\napache-airflow=={values['airflowVersion']} " in f"\n{pinned}"
    assert f"AIRFLOW_HOME={values['airflowHome']} " in dockerfile
    assert f"--uid {values['uid']} " in dockerfile


def test_the_job_prepares_as_init_does(values: Values, job: Values, services: Services) -> None:
    image = values["images"]["airflow"]
    assert job["image"] == f"{image['repository']}:{image['tag']}"
    assert job["command"] == services["init"]["command"]
    folders = {entry["name"]: entry["value"] for entry in job["env"] if "value" in entry}
    assert folders.items() <= composed(**BUCKET).items()


def test_every_secret_is_in_the_guide(values: Values) -> None:
    guide = (PROJECT / "docs" / "how-to" / "deploy-on-kubernetes.md").read_text(encoding="utf-8")
    used = (DEPLOY / "values.yaml").read_text() + (DEPLOY / "init-job.yaml").read_text()
    secrets = set(re.findall(r"city-indicators-(?!api-server:|init$)[a-z-]+", used))
    assert len(secrets) == 8
    for name in secrets:
        assert f"`{name}`" in guide, name


def deployment(container: dict[str, Any], **more: Any) -> dict[str, Any]:
    given = {"name": "c", "image": "city-indicators:latest", "resources": {"requests": {"memory": "1Gi"}}}
    pod = {"containers": [given | container], **more}
    return {"kind": "Deployment", "metadata": {"name": "d"}, "spec": {"template": {"spec": pod}}}


@pytest.mark.parametrize(
    ("container", "fault"),
    [
        ({"args": ["bash", "-c", "exec airflow scheduler"]}, None),
        ({"args": ["bash", "/clean-logs"]}, "our image has no /clean-logs"),
        ({"command": ["/entrypoint"], "args": ["airflow"]}, "our image has no /entrypoint"),
        ({"command": ["tini", "airflow"]}, "our image has no tini"),
        ({}, "our image has no command of its own"),
        (
            {
                "args": ["airflow"],
                "livenessProbe": {"exec": {"command": ["sh", "-c", "exec /entrypoint"]}},
            },
            "our image has no /entrypoint",
        ),
        ({"args": ["airflow"], "image": "redis:7"}, "its image is redis:7, not city-indicators:latest"),
        ({"args": ["airflow"], "resources": {}}, "it requests no memory"),
    ],
)
def test_a_container_that_our_image_cannot_run_is_named(container: dict[str, Any], fault: str | None) -> None:
    found = list(faults([deployment(container), {"kind": "Service", "metadata": {"name": "s"}}]))
    assert [line.removeprefix("Deployment d, container c: ")[: len(fault or "")] for line in found] == (
        [fault] if fault else []
    )


def test_containers_of_scheduled_jobs_and_those_that_run_first_are_looked_at() -> None:
    job = {"kind": "CronJob", "metadata": {"name": "j"}, "spec": {"jobTemplate": deployment({})}}
    first = {"name": "first", "image": "city-indicators:latest", "args": ["airflow"]}
    found = list(faults([job, deployment({"args": ["airflow"]}, initContainers=[first])]))
    assert [line.split(": ")[0] for line in found] == [
        "CronJob j, container c",
        *["Deployment d, container first"],
    ]


@pytest.mark.parametrize("component", ["scheduler", "dagProcessor", "triggerer", "workers"])
def test_nothing_of_the_official_image_runs_beside_a_service(values: Values, component: str) -> None:
    assert values[component]["logGroomerSidecar"] == {"enabled": False}
    assert values[component]["resources"]["requests"]["memory"]
