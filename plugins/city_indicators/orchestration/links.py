"""What the UI links from a task to what it made."""

from typing import TYPE_CHECKING, Final

from airflow.sdk import BaseOperatorLink

if TYPE_CHECKING:
    from airflow.sdk import BaseOperator
    from airflow.sdk.types import TaskInstanceKey

DATA_DOCS: Final = "city-indicators/data-docs"
"""Where the UI serves the Data Docs; relative, so that it holds behind any host name and prefix."""


class DataDocsLink(BaseOperatorLink):
    """From a task that returned a load_id to that load's page of the Data Docs."""

    name = "Data Docs of this load"

    def get_link(self, operator: "BaseOperator", *, ti_key: "TaskInstanceKey") -> str:  # noqa: ARG002
        """The address of the page, for the UI to resolve; empty, and not shown, without a load."""
        from airflow.sdk.execution_time.xcom import XCom

        from city_indicators.ingest.validation.data_docs import page_of_load

        load_id = XCom.get_value(ti_key=ti_key, key=XCom.XCOM_RETURN_KEY)
        return "" if load_id is None else f"{DATA_DOCS}/{page_of_load(load_id)}"
