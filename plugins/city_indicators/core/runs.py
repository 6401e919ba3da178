"""Where Airflow's UI shows a run."""

from urllib.parse import quote


def run_address(dag_id: str, run_id: str) -> str:
    """The address of a run, below that of Airflow's UI."""
    return f"dags/{quote(dag_id)}/runs/{quote(run_id)}"
