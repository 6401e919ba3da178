"""Writes the result of a DAG run into its note: Airflow shows skipped and loaded runs both as successful."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from airflow.sdk import get_current_context
from airflow.sdk.exceptions import AirflowNotFoundException, AirflowSkipException

from city_indicators.core.errors import ApiError
from city_indicators.orchestration.connections import airflow_api

SKIPPED: Final = "Skipped: "
PUBLISHED: Final = "Published load "
STARTED: Final = "Backfill "
LONGEST_NOTE: Final = 1000

log = logging.getLogger(__name__)


@contextmanager
def note_skip() -> Iterator[None]:
    """Write the reason into the note of the run if the block skips its task; else remove an earlier one."""
    try:
        yield
    except AirflowSkipException as skipped:
        note_run(f"{SKIPPED}{skipped}")
        raise
    if get_current_context()["ti"].try_number > 1:
        note_run(None)


def note_run(text: str | None) -> None:
    """Replace the note of the current run, unless a person wrote it. Never raises."""
    context = get_current_context()
    dag_id, run_id = context["ti"].dag_id, context["ti"].run_id
    try:
        api = airflow_api()
        noted = api.run_note(dag_id, run_id)
        if noted != text and (not noted or noted.startswith((SKIPPED, STARTED, PUBLISHED))):
            api.note_run(dag_id, run_id, text and text[:LONGEST_NOTE])
    except (AirflowNotFoundException, ApiError) as error:
        log.warning("The note of run %s of %s could not be changed: %s", run_id, dag_id, error)
