"""No task pays for importing Great Expectations: the scheduler has done it before it forks."""

import subprocess
import sys

import pytest

STARTS_A_JOB = """
import sys
sys.argv = ["airflow", sys.argv[1]]
from airflow.jobs.job import Job
Job()
print("great_expectations" in sys.modules)
"""


@pytest.mark.parametrize(("command", "imported"), [("scheduler", "True"), ("triggerer", "False")])
def test_the_scheduler_imports_great_expectations_before_it_forks(
    metadata: None, command: str, imported: str
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", STARTS_A_JOB, command], capture_output=True, text=True, check=True
    )
    assert done.stdout.split()[-1] == imported
