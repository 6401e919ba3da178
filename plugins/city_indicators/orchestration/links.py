"""Links in Airflow's UI from a task to its results."""

from typing import TYPE_CHECKING, Final

from airflow.sdk import BaseOperatorLink

if TYPE_CHECKING:
    from airflow.sdk import BaseOperator
    from airflow.sdk.types import TaskInstanceKey

DATA_DOCS: Final = "city-indicators/data-docs"
"""The path of the Data Docs in the UI; relative, so that it works behind any host name and prefix."""
BACKFILL_PLAN: Final = "city-indicators/backfill-plan"
"""The path of the page Backfill plan in the UI."""
LOADS: Final = "city-indicators/loads"
"""The path of the pages of loads in the UI."""
DOCUMENTS: Final = "city-indicators/documents"
"""The path of the documents in the UI."""


class DataDocsLink(BaseOperatorLink):
    """Links a task that returned a load_id to the Data Docs of that load."""

    name = "Data Docs of this load"

    def get_link(self, operator: "BaseOperator", *, ti_key: "TaskInstanceKey") -> str:  # noqa: ARG002
        """The relative address of the page; empty without a load, and then not shown."""
        from airflow.sdk.execution_time.xcom import XCom

        from city_indicators.ingest.validation.data_docs import page_of_load

        load_id = XCom.get_value(ti_key=ti_key, key=XCom.XCOM_RETURN_KEY)
        return "" if load_id is None else f"{DATA_DOCS}/{page_of_load(load_id)}"


class BackfillPlanLink(BaseOperatorLink):
    """Links a task that planned a backfill to the page of the plan."""

    name = "Backfill plan"

    def get_link(self, operator: "BaseOperator", *, ti_key: "TaskInstanceKey") -> str:  # noqa: ARG002
        """The relative address of the page; empty without a plan, and then not shown."""
        from airflow.sdk.execution_time.xcom import XCom

        planned = XCom.get_value(ti_key=ti_key, key=XCom.XCOM_RETURN_KEY)
        return "" if planned is None else f"{BACKFILL_PLAN}/{planned['backfill_plan_id']}"
