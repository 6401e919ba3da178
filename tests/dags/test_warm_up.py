"""Preloaded imports: Great Expectations before tasks are forked, Amazon before DAGs are parsed."""

import os
import subprocess
import sys

import pytest

from tests.compose import composed

STARTS_A_JOB = """
import sys
sys.argv = ["airflow", sys.argv[1]]
from airflow.jobs.job import Job
Job()
print("great_expectations" in sys.modules, "boto3" in sys.modules)
"""


STARTS_A_WORKER = """
import sys
from airflow.providers.celery.executors.celery_executor_utils import app
app.loader.init_worker()
print("great_expectations" in sys.modules)
"""


def printed(program: str, *arguments: str, **settings: str) -> list[str]:
    command = [sys.executable, "-c", program, *arguments]
    done = subprocess.run(command, env={**os.environ, **settings}, capture_output=True, text=True, check=True)
    return done.stdout.split()


@pytest.mark.parametrize(
    ("command", "executor", "great_expectations", "boto3"),
    [
        ("scheduler", "LocalExecutor", "True", "True"),
        ("scheduler", "CeleryExecutor", "False", "False"),
        ("dag-processor", "LocalExecutor", "False", "True"),
        ("triggerer", "LocalExecutor", "False", "False"),
    ],
)
def test_each_service_preloads_imports_for_its_children(
    metadata: None, command: str, executor: str, great_expectations: str, boto3: str
) -> None:
    found = printed(STARTS_A_JOB, command, AIRFLOW__CORE__EXECUTOR=executor)
    assert found[-2:] == [great_expectations, boto3]


def test_a_celery_worker_preloads_before_it_forks(metadata: None) -> None:
    settings = {name: value for name, value in composed().items() if name.startswith("AIRFLOW__CELERY")}
    assert printed(STARTS_A_WORKER, **settings)[-1] == "True"
