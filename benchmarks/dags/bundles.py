"""The same tasks that do nothing as one DAG a source and as one DAG of all: the two ways of bundles.py."""

from airflow.sdk import DAG, dag, get_parsing_context, task, task_group

SOURCES = 20
ONE_A_SOURCE = [f"noop_source_{number:02}" for number in range(SOURCES)]
ALL_IN_ONE = "noop_sources"


@task
def fetch(source: str) -> str:
    """Pass the source on, like `validate` and `publish`."""
    return source


@task
def validate(fetched: str) -> str:
    """Pass on what was fetched."""
    return fetched


@task
def publish(load: str) -> str:
    """Pass on what was validated."""
    return load


def of_source(dag_id: str) -> DAG:
    """The three tasks of one source."""

    @dag(dag_id=dag_id, schedule=None)
    def source() -> None:
        publish(validate(fetch(dag_id)))

    return source()


def of_all() -> DAG:
    """The three tasks of each source, mapped."""

    @task_group
    def source(name: str) -> None:
        publish(validate(fetch(name)))

    @dag(dag_id=ALL_IN_ONE, schedule=None)
    def sources() -> None:
        source.expand(name=ONE_A_SOURCE)

    return sources()


for dag_id in ONE_A_SOURCE:
    # In a task, only its own DAG, as dags/ingest.py does.
    if get_parsing_context().dag_id in (None, dag_id):
        globals()[dag_id] = of_source(dag_id)
if get_parsing_context().dag_id in (None, ALL_IN_ONE):
    globals()[ALL_IN_ONE] = of_all()
