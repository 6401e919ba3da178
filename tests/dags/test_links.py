"""The links from a run to the Data Docs of its load and to its plan, as the API server shows them."""

from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

import pytest
from sqlalchemy import URL, Engine, select

from city_indicators.ingest.validation.data_docs import build
from city_indicators.ingest.validation.data_docs_site import Site
from city_indicators.warehouse.database import frame
from tests.dag_bag import dag_bag
from tests.dags.test_ingest_runs import END_OF_2019, RunDag
from tests.warehouse.pages import links as hrefs
from tests.warehouse.pages import mounted

NAME = "Data Docs of this load"


def links(dag_id: str, task_id: str) -> dict[str, str | None]:
    """The links of the latest run, from the stored DAG and the address that the worker wrote."""
    from airflow.models.taskinstance import TaskInstance
    from airflow.serialization.serialized_objects import DagSerialization
    from airflow.utils.session import create_session

    stored = DagSerialization.to_dict(dag_bag().dags[dag_id])
    task = DagSerialization.from_dict(stored).get_task(task_id)
    with create_session() as session:
        run = session.scalars(
            select(TaskInstance)
            .where(TaskInstance.dag_id == dag_id, TaskInstance.task_id == task_id)
            .order_by(TaskInstance.start_date.desc())
        ).first()
        return {name: task.get_extra_links(run, name) for name in task.extra_links}


def test_a_run_links_to_the_page_of_its_load(
    run_dag: RunDag, warehouse: Engine, warehouse_url: URL, tmp_path: Path
) -> None:
    assert run_dag("ingest_un_wup", END_OF_2019).state == "success"
    link = links("ingest_un_wup", "validate")[NAME]
    assert link == "city-indicators/data-docs/loads/1.html"
    assert links("ingest_un_wup", "fetch") == {}
    with warehouse.connect() as connection:
        validations = frame(connection, "docs/recent_validations", loads=1)
        rejected = frame(connection, "docs/rejected_rows", loads=1, rows=1)
    site = Site(tmp_path / "docs")
    build(validations, rejected, site)
    pages = [site.read(page) or b"" for page in site.pages() if page.startswith("validations/")]
    assert len(pages) == 3
    assert all(b"load-1</" in page for page in pages), "a page must name the load that it is about"
    page = mounted(warehouse_url, tmp_path).get(f"/{link}")
    assert page.status_code == 200
    assert "<h1>Load 1</h1>" in page.text
    assert "un_wup.rows" in page.text


def test_a_plan_links_to_its_page_and_the_page_to_its_run(
    run_dag: RunDag, warehouse_url: URL, tmp_path: Path
) -> None:
    form = {
        "source": "un_wup",
        "from": "2016-01-01",
        "to": "2018-12-31",
        "reprocess": "none",
        "dry_run": True,
    }
    planned = run_dag("plan_backfill", END_OF_2019, **form)
    assert planned.state == "success"
    link = links("plan_backfill", "plan")["Backfill plan"]
    assert link == "city-indicators/backfill-plan/1"
    assert links("plan_backfill", "start") == {}
    page = mounted(warehouse_url, tmp_path).get(f"/{link}")
    assert page.status_code == 200
    run = f"/dags/plan_backfill/runs/{quote(planned.run_id)}"
    assert run in hrefs(page.text, f"/{link}")
    assert "skip intervals that have a run" in page.text


@pytest.mark.usefixtures("warehouse")
def test_a_run_without_a_load_has_no_link(run_dag: RunDag) -> None:
    # The key is missing, so fetch and validate are skipped.
    assert run_dag("ingest_openaq", datetime(2020, 1, 1, tzinfo=UTC)).state == "success"
    assert not links("ingest_openaq", "validate").get(NAME)


def test_one_build_of_the_data_docs_runs_at_a_time() -> None:

    from city_indicators.orchestration.report_tasks import LOADS_IN_DATA_DOCS

    dag = dag_bag().dags["build_data_docs"]
    assert dag.max_active_runs == 1
    assert not dag.catchup
    assert LOADS_IN_DATA_DOCS <= 100
