"""Rules for every DAG: documentation, owners, limits, alerts, and cheap parsing."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from city_indicators.orchestration.failure_callbacks import record_failure
from city_indicators.orchestration.retries import RETRY_TRANSIENT
from standalone.settings import REPORT_DAGS
from tests.conftest import PROJECT, SETTINGS
from tests.dag_bag import dag_bag

DAG_FILES = sorted((PROJECT / "dags").glob("*.py"))


@pytest.fixture(scope="module")
def dags(metadata: None) -> dict[str, object]:
    bag = dag_bag()
    assert bag.import_errors == {}
    return dict(bag.dags)


def test_each_dag_has_its_own_file_and_ingestions_share_one(dags: dict[str, object]) -> None:
    made: dict[str, set[str]] = {file.name: set() for file in DAG_FILES}
    for dag_id, dag in dags.items():
        made[Path(dag.fileloc).name].add(dag_id)
    ingestions = {f"ingest_{source.id}" for source in SETTINGS.sources()}
    assert len(ingestions) >= 12
    assert made.pop("ingest.py") == ingestions
    assert made == {file: {Path(file).stem} for file in made}
    assert len(made) >= 10


def test_a_task_of_an_ingestion_parses_only_its_own_dag(
    dags: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    from airflow.dag_processing.dagbag import DagBag

    monkeypatch.setenv("_AIRFLOW_PARSING_CONTEXT_DAG_ID", "ingest_un_wup")
    (dag,) = DagBag(str(PROJECT / "dags" / "ingest.py")).dags.values()
    assert (dag.dag_id, dag.task_ids) == ("ingest_un_wup", dags["ingest_un_wup"].task_ids)


def test_the_local_stack_starts_every_dag(dags: dict[str, object]) -> None:
    ingestions = [source.dag_id for source in SETTINGS.sources()]
    assert sorted([*ingestions, *SETTINGS.shared_dags()]) == sorted(dags)
    assert set(REPORT_DAGS) <= set(SETTINGS.shared_dags())


def test_every_dag_documents_output_schedule_readers_and_failures(dags: dict[str, object]) -> None:
    for dag_id, dag in dags.items():
        for part in ("**Makes**", "**When**", "**Who reads it**", "**When it fails**"):
            assert part in (dag.doc_md or ""), dag_id
        assert dag.tags, dag_id


def test_every_dag_has_one_of_three_owners_and_runs_in_utc(dags: dict[str, object]) -> None:
    for dag_id, dag in dags.items():
        (owner,) = {task.owner for task in dag.tasks}
        assert owner in ("operators", "stewards", "researchers"), dag_id
        inner = getattr(dag.timetable, "timetable", dag.timetable)
        assert {str(dag.timezone), str(getattr(inner, "timezone", "UTC"))} == {"UTC"}, dag_id


def test_a_dag_is_shown_and_found_by_its_id(dags: dict[str, object]) -> None:
    # The search in the list of DAGs matches the beginning of the display name, case-sensitive.
    shown = {dag_id: dag.dag_display_name for dag_id, dag in dags.items()}
    assert {dag_id: name for dag_id, name in shown.items() if not name.startswith(dag_id)} == {}
    for source in SETTINGS.sources():
        assert source.name in shown[source.dag_id]


def test_docs_call_a_dag_by_its_id(dags: dict[str, object]) -> None:
    pages = [PROJECT / "README.md", *(PROJECT / "docs").rglob("*.md")]
    text = " ".join(" ".join(page.read_text(encoding="utf-8").split()) for page in pages)
    triggered = re.findall(r"[Tt]rigger\*? (?:on )?([`*]\w.*?[`*])", text)
    assert len(triggered) >= 4
    assert {name for name in triggered if name.strip("`") not in dags} == set()


def test_every_task_has_limits_and_every_fetch_a_pool(dags: dict[str, object]) -> None:
    for dag_id, dag in dags.items():
        for task in dag.tasks:
            assert task.execution_timeout is not None, (dag_id, task.task_id)
            assert task.retries > 0, (dag_id, task.task_id)
            assert task.retry_policy is RETRY_TRANSIENT, (dag_id, task.task_id)
    for source in SETTINGS.sources():
        assert dags[source.dag_id].get_task("fetch").pool == source.pool


def test_every_failure_is_alerted_and_reaches_the_daily_digest(dags: dict[str, object]) -> None:
    for dag_id, dag in dags.items():
        for task in dag.tasks:
            alert, record = task.on_failure_callback
            assert alert.__name__ == "alert_failure", dag_id
            assert record is record_failure, dag_id


def test_parsing_the_dags_imports_nothing_heavy() -> None:
    program = (
        "import runpy, sys; [runpy.run_path(file) for file in sys.argv[1:]]; "
        "heavy = {'pandas', 'numpy', 'pyarrow', 'great_expectations', 'scipy', 'pint'}; "
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, *map(str, DAG_FILES)], capture_output=True, text=True, check=True
    )
    assert len(DAG_FILES) > 10
    assert done.stdout.splitlines()[-1] == "[]"
