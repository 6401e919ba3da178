"""OpenLineage events for publications and refreshes, in addition to those of Airflow's provider.

The provider calls this only if lineage is enabled (AIRFLOW__OPENLINEAGE__TRANSPORT), in a process next to the
task. Nothing here fails a task.
"""

import logging
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from city_indicators.orchestration.connections import warehouse_url
from city_indicators.warehouse.report_tables import report_tables

if TYPE_CHECKING:
    from sqlalchemy import URL

VERSIONS: Final = "core/observation_version"
COUNTS: Final = (
    *("read_rows", "accepted_rows", "rejected_rows"),
    *("added", "revised", "withdrawn", "unchanged", "outdated"),
)
SEVERITIES: Final = {"critical": "error", "warning": "warn", "info": "warn"}
"""Our severities in OpenLineage's terms: only a rule that stops the load is an error."""

log = logging.getLogger(__name__)


def of_load(load_id: int) -> Any:
    """The OperatorLineage of a load, from the ledger.

    Inputs are the archived snapshots, with their sha256 as version. The output of a published load is the
    table of versions. The run facet `cityIndicators_load` has the interval and the counts.

    Raises:
        NoResultFound: there is no such load.
    """
    from airflow.providers.openlineage.extractors import OperatorLineage
    from openlineage.client.facet_v2 import RunFacet

    from city_indicators.warehouse.database import engine, statement

    url = warehouse_url()
    of_load = {"load_id": load_id}
    with engine(url).connect() as connection:
        load = connection.execute(statement("lineage/load"), of_load).one()
        snapshots = connection.execute(statement("lineage/snapshots"), of_load).all()
        checks = connection.execute(statement("lineage/checks"), of_load).all()
        columns = connection.execute(statement("lineage/columns")).all()
    account = RunFacet().with_additional_properties(
        load_id=load.load_id,
        source=load.source,
        interval_start=load.interval_start.isoformat(),
        interval_end=load.interval_end.isoformat(),
        state=load.state,
        refusals=list(load.refusals),
        **{name: getattr(load, name) for name in COUNTS},
    )
    return OperatorLineage(
        inputs=[_answer(load, snapshot) for snapshot in snapshots],
        outputs=[_versions(url, load, columns, checks)] if load.state == "published" else [],
        run_facets={"cityIndicators_load": account},
    )


def _answer(load: Any, snapshot: Any) -> Any:
    from openlineage.client.event_v2 import InputDataset
    from openlineage.client.facet_v2 import dataset_version_dataset, documentation_dataset, tags_dataset

    namespace, name = name_of(snapshot.url)
    licence = f"{load.licence} ({load.licence_url})" if load.licence_url else load.licence
    tags = {
        "source": load.source,
        "licence": load.licence,
        "licence_url": load.licence_url,
        "fetched_at": snapshot.fetched_at.isoformat(),
        "media_type": snapshot.media_type,
        "byte_count": str(snapshot.byte_count),
    }
    return InputDataset(
        namespace,
        name,
        facets={
            "version": dataset_version_dataset.DatasetVersionDatasetFacet(snapshot.sha256),
            "documentation": documentation_dataset.DocumentationDatasetFacet(
                f"{load.name}, {load.publisher}. Licence: {licence}. {load.attribution}"
            ),
            "tags": tags_dataset.TagsDatasetFacet(
                [
                    tags_dataset.TagsDatasetFacetFields(key, value, "city_indicators")
                    for key, value in tags.items()
                ]
            ),
        },
    )


def name_of(url: str) -> tuple[str, str]:
    """Namespace and name of a fetched address: the server, and the path with its query.

    Archived addresses contain no key; a login within an address is removed too.
    """
    parts = urlsplit(url)
    if parts.hostname is None:
        return parts.scheme or "file", parts.path
    port = f":{parts.port}" if parts.port else ""
    query = f"?{parts.query}" if parts.query else ""
    return f"{parts.scheme}://{parts.hostname}{port}", f"{parts.path.lstrip('/')}{query}"


def _versions(url: "URL", load: Any, columns: Any, checks: Any) -> Any:
    from openlineage.client.event_v2 import OutputDataset
    from openlineage.client.facet_v2 import (
        data_quality_assertions_dataset,
        dataset_version_dataset,
        datasource_dataset,
        output_statistics_output_dataset,
        schema_dataset,
    )

    namespace = _server(url)
    fields = [
        schema_dataset.SchemaDatasetFacetFields(name, data_type, ordinal_position=position)
        for name, data_type, position in columns
    ]
    assertions = [
        data_quality_assertions_dataset.Assertion(
            check.expectation,
            check.success,
            column=check.validated_column,
            severity=SEVERITIES[check.severity],
            name=check.rule,
        )
        for check in checks
    ]
    facets: dict[str, Any] = {
        "schema": schema_dataset.SchemaDatasetFacet(fields),
        "dataSource": datasource_dataset.DatasourceDatasetFacet(namespace, f"{namespace}/{url.database}"),
        "version": dataset_version_dataset.DatasetVersionDatasetFacet(str(load.load_id)),
        # OpenLineage has this facet for inputs, but a load is validated at once, whatever its number of
        # inputs.
        "dataQualityAssertions": data_quality_assertions_dataset.DataQualityAssertionsDatasetFacet(
            assertions
        ),
    }
    written = load.added + load.revised + load.withdrawn
    return OutputDataset(
        namespace,
        f"{url.database}.{VERSIONS.replace('/', '.')}",
        facets=facets,
        outputFacets={
            "outputStatistics": output_statistics_output_dataset.OutputStatisticsOutputDatasetFacet(written)
        },
    )


def _server(url: "URL") -> str:
    host = url.host or ""
    # A Unix socket is a folder of this machine.
    return f"postgres://{host if host and '/' not in host else 'localhost'}:{url.port or 5432}"


def record_refresh() -> None:
    """Add the tables that the running task read and wrote to the lineage collector, if lineage is enabled."""
    from airflow.providers.openlineage import conf

    # Creating the collector takes as long as the task.
    if conf.is_disabled():
        return
    from airflow.sdk import get_current_context
    from airflow.sdk.lineage import get_hook_lineage_collector

    try:
        url = warehouse_url()
        database = f"{_server(url)}/{url.database}"
        task: Any = get_current_context()["task"]
        collector = get_hook_lineage_collector()
        refreshed = [t for t in report_tables().values() if t.kind == "table" and t.rows != "frozen"]
        sources = {source for table in refreshed for source in table.made_from}
        for name in sorted(source for source in sources if not source.startswith("report.")):
            collector.add_input_asset(task, uri=f"{database}/{name.replace('.', '/')}")
        for table in refreshed:
            collector.add_output_asset(task, uri=f"{database}/report/{table.name}")
    except Exception:
        log.exception("The lineage of this refresh could not be recorded")
