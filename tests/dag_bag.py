"""The project's DAGs, parsed once: fixtures and tests share the same objects."""

import os
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from airflow.dag_processing.dagbag import DagBag


@cache
def dag_bag() -> "DagBag":
    """Parse the DAGs once per session."""
    from airflow.dag_processing.dagbag import DagBag

    return DagBag(os.environ["AIRFLOW__CORE__DAGS_FOLDER"])
