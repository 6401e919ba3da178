"""What the tasks do with the form of a city. A form that cannot be used is answered, and fails nothing."""

from contextlib import suppress
from typing import Any, Final

from airflow.sdk import get_current_context
from airflow.sdk.exceptions import AirflowSkipException

from city_indicators import ingest
from city_indicators.airflow.connections import archive_root, staging_root, warehouse_url
from city_indicators.airflow.inbox import dropped, fingerprint, write_answer
from city_indicators.airflow.ingest_tasks import now
from city_indicators.archive import Archive, Snapshot
from city_indicators.catalog import load_catalogue
from city_indicators.errors import GateRefusedError, SourceContractError
from city_indicators.sources import submission
from city_indicators.sources.http import Answer
from city_indicators.sources.submission_file import MAX_BYTES
from city_indicators.submission_answer import Account, answer, unreadable
from city_indicators.warehouse.database import engine, frame, statement
from city_indicators.warehouse.ledger import Run
from city_indicators.warehouse.staged import STAGED_COLUMNS

SOURCE: Final = "city_submission"
MEDIA_TYPES: Final = {
    ".csv": "text/csv",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
Received = dict[str, Any]
"""References that travel through XCom: path, sha256, and snapshot, fault or load_id as far as known."""


def archive(path: str) -> Received:
    """Keep a dropped file under its sha256; a file of another kind or size is not kept, and has a fault.

    Raises:
        AirflowSkipException: the file was taken away meanwhile.
    """
    file = dropped(path)
    try:
        received = {"path": path, "sha256": fingerprint(file)}
        if file.suffix.lower() not in MEDIA_TYPES:
            return {
                **received,
                "fault": f"a {file.suffix or 'nameless'} file; send the form as .csv or .xlsx",
            }
        if (size := file.stat().st_size) > MAX_BYTES:
            return {**received, "fault": f"{size} bytes; a form has at most {MAX_BYTES}"}
        content = file.read_bytes()
    except FileNotFoundError:
        raise AirflowSkipException(f"{path} was taken away. Next step: none") from None
    form = Answer(path, content, MEDIA_TYPES[file.suffix.lower()], None, None)
    snapshot = Archive(archive_root()).store(SOURCE, form, now())
    return {"path": path, "sha256": snapshot.sha256, "snapshot": snapshot.to_json()}


def validate(received: Received) -> Received:
    """Judge the form's rows and enter the load in the ledger; with load_id, or the fault of the file."""
    if "fault" in received:
        return received
    catalogue = load_catalogue()
    source = catalogue.sources[SOURCE]
    snapshot = Snapshot.from_json(received["snapshot"])
    kept = Archive(archive_root())
    try:
        interval = submission.interval(source, snapshot, kept.read(snapshot.sha256))
        load_id = ingest.validate(
            source,
            catalogue,
            interval,
            [snapshot],
            _run(snapshot),
            kept,
            staging_root(),
            engine(warehouse_url()),
            now(),
        )
    except SourceContractError as error:
        return {**received, "fault": str(error)}
    return {**received, "load_id": load_id}


def publish(received: Received) -> Received:
    """Make the accepted rows visible, unless the file or the gate stands against it."""
    if "load_id" in received:
        # The ledger holds the gate's reasons, and the answer tells them.
        with suppress(GateRefusedError):
            ingest.publish_load(received["load_id"], staging_root(), engine(warehouse_url()), now)
    return received


def reply(received: Received) -> str:
    """Lay the answer beside the file; the answer's path."""
    file = dropped(received["path"])
    if "fault" in received:
        text = unreadable(file.name, received["fault"])
    else:
        text = answer(file.name, _account(received["load_id"]))
    return str(write_answer(file, received["sha256"], text))


def _run(snapshot: Snapshot) -> Run:
    dag_run = get_current_context()["dag_run"]
    return Run(dag_run.dag_id, dag_run.run_id, snapshot.sha256)


def _account(load_id: int) -> Account:
    import pyarrow.parquet as pq

    with engine(warehouse_url()).connect() as connection:
        load = connection.execute(statement("submission/load"), {"load_id": load_id}).mappings().one()
        rejected = frame(connection, "submission/rejected_rows", load_id=load_id)
    with (staging_root() / load["staged_path"]).open("rb") as stream:
        accepted = pq.read_table(stream, columns=STAGED_COLUMNS).to_pandas()
    return Account(dict(load), accepted, rejected)
