"""No task pays for importing Great Expectations: the process that forks tasks has done it before."""

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
print("great_expectations" in sys.modules)
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
    ("command", "executor", "imported"),
    [
        ("scheduler", "LocalExecutor", "True"),
        ("scheduler", "CeleryExecutor", "False"),
        ("triggerer", "LocalExecutor", "False"),
    ],
)
def test_the_scheduler_imports_great_expectations_if_it_forks_the_tasks(
    metadata: None, command: str, executor: str, imported: str
) -> None:
    assert printed(STARTS_A_JOB, command, AIRFLOW__CORE__EXECUTOR=executor)[-1] == imported


def test_a_celery_worker_imports_it_before_its_processes(metadata: None) -> None:
    settings = {name: value for name, value in composed().items() if name.startswith("AIRFLOW__CELERY")}
    assert printed(STARTS_A_WORKER, **settings)[-1] == "True"
