"""Tasks that load one submitted form. An unusable form gets an answer and does not fail the run."""

from collections.abc import Generator
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from airflow.sdk import Metadata, get_current_context

from city_indicators.catalog import load_catalogue
from city_indicators.core.archive import Archive
from city_indicators.core.errors import GateRefusedError, SourceContractError
from city_indicators.core.snapshots import Snapshot
from city_indicators.orchestration import task_log
from city_indicators.orchestration.assets import observations
from city_indicators.orchestration.clock import now
from city_indicators.orchestration.connections import archive_root, staging_root, warehouse_url
from city_indicators.orchestration.inbox import name_of, write_answer
from city_indicators.orchestration.receive import Received, of_a_file
from city_indicators.warehouse.database import engine, frame, statement
from city_indicators.warehouse.ledger import Run

if TYPE_CHECKING:
    from city_indicators.intake.submissions.answer import Account

SOURCE: Final = "city_submission"
OBSERVATIONS: Final = observations(SOURCE)


@of_a_file
def validate(received: Received) -> Received:
    """Validate the rows of the form and record the load in the ledger; adds load_id or the fault."""
    from city_indicators.ingest import load as ingest
    from city_indicators.intake.submissions import connector as submission
    from city_indicators.orchestration.formats import register_formats

    register_formats()
    task_log.label(name_of(received["path"]))
    if "fault" in received:
        return received
    catalogue = load_catalogue()
    source = catalogue.sources[SOURCE]
    snapshot = Snapshot.from_json(received["snapshot"])
    archive = Archive(archive_root())
    try:
        interval = submission.interval(source, snapshot, archive.read(snapshot.sha256))
        load_id = ingest.validate(
            source,
            catalogue,
            interval,
            [snapshot],
            _run(snapshot),
            archive,
            staging_root(),
            engine(warehouse_url()),
            now(),
        )
    except SourceContractError as error:
        return {**received, "fault": task_log.unusable(error)}
    task_log.validated(load_id)
    return {**received, "load_id": load_id}


@of_a_file
def publish(received: Received) -> Generator[Metadata, None, Received]:
    """Publish the accepted rows, unless the file is unusable or the gate refuses the load."""
    from city_indicators.ingest import load as ingest

    task_log.label(name_of(received["path"]))
    if "load_id" in received:
        load_id = received["load_id"]
        # The ledger holds the reasons of the gate, and the answer reports them.
        with suppress(GateRefusedError):
            outcome = ingest.publish_load(load_id, staging_root(), engine(warehouse_url()), now)
            task_log.published(load_id, outcome)
    yield Metadata(OBSERVATIONS, extra={"load_id": received.get("load_id")})
    return received


@of_a_file
def reply(received: Received) -> str:
    """Write the answer next to the file; returns the path of the answer."""
    from city_indicators.intake.submissions.answer import answer, unreadable

    name = name_of(received["path"])
    task_log.label(name)
    if "fault" in received:
        text = unreadable(name, received["fault"])
    else:
        text = answer(name, _account(received["load_id"]))
    return write_answer(received["path"], received["sha256"], text)


def _run(snapshot: Snapshot) -> Run:
    dag_run = get_current_context()["dag_run"]
    return Run(dag_run.dag_id, dag_run.run_id, snapshot.sha256)


def _account(load_id: int) -> "Account":
    import pyarrow.parquet as pq

    from city_indicators.intake.submissions.answer import Account
    from city_indicators.warehouse.staged import STAGED_COLUMNS

    with engine(warehouse_url()).connect() as connection:
        load = connection.execute(statement("submission/load"), {"load_id": load_id}).mappings().one()
        rejected = frame(connection, "submission/rejected_rows", load_id=load_id)
    with (staging_root() / load["staged_path"]).open("rb") as stream:
        accepted = pq.read_table(stream, columns=STAGED_COLUMNS).to_pandas()
    return Account(dict(load), accepted, rejected)
