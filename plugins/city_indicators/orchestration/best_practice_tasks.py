"""Tasks that load one file of best practices. XCom carries references, never cases."""

from datetime import datetime

from airflow.sdk import get_current_context

from city_indicators.core.archive import Archive
from city_indicators.core.errors import SourceContractError
from city_indicators.core.snapshots import Snapshot
from city_indicators.orchestration import task_log
from city_indicators.orchestration.clock import now
from city_indicators.orchestration.connections import archive_root, warehouse_url
from city_indicators.orchestration.inbox import name_of, write_answer
from city_indicators.orchestration.receive import Received, of_a_file
from city_indicators.warehouse.database import engine
from city_indicators.warehouse.ledger import Run


@of_a_file
def publish(received: Received) -> Received:
    """Read, validate and publish a file; adds best_practice_load_id, or the fault of the file."""
    from city_indicators.intake.best_practices.publish import publish as publish_cases
    from city_indicators.intake.best_practices.read import read
    from city_indicators.intake.best_practices.vocabulary import load_code_lists

    task_log.label(name_of(received["path"]))
    if "fault" in received:
        return received
    snapshot = Snapshot.from_json(received["snapshot"])
    code_lists = load_code_lists()
    content = Archive(archive_root()).read(snapshot.sha256)
    try:
        reading = read(content, name_of(snapshot.url), code_lists, snapshot.fetched_at.date())
    except SourceContractError as error:
        # The sender corrects the file, not an operator: the answer reports the fault, and the run succeeds.
        return {**received, "fault": task_log.unusable(error)}
    dag_run = get_current_context()["dag_run"]
    run = Run(dag_run.dag_id, dag_run.run_id)
    with engine(warehouse_url()).begin() as connection:
        likeness = code_lists.vocabularies.title_likeness
        load_id = publish_cases(connection, snapshot, run, reading, likeness, now).best_practice_load_id
    return {**received, "best_practice_load_id": load_id}


@of_a_file
def reply(received: Received) -> str:
    """Write the answer next to the file; returns the path of the answer."""
    from city_indicators.intake.best_practices.answer import answer, answer_unreadable
    from city_indicators.intake.best_practices.publish import published

    name, at = name_of(received["path"]), datetime.fromisoformat(received["received_at"])
    task_log.label(name)
    if "fault" in received:
        text = answer_unreadable(name, at, received["fault"])
    else:
        with engine(warehouse_url()).connect() as connection:
            text = answer(name, at, published(connection, received["best_practice_load_id"]))
    return write_answer(received["path"], received["sha256"], text)
