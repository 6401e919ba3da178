"""The project's DAGs, the same objects for fixtures and for tests that change them."""

import os
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from airflow.dag_processing.dagbag import DagBag


@cache
def dag_bag() -> "DagBag":
    """Parsed once a session."""
    from airflow.dag_processing.dagbag import DagBag

    return DagBag(os.environ["AIRFLOW__CORE__DAGS_FOLDER"])
