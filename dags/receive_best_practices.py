"""Loads submitted files of best practices, and writes an answer next to each file.

**Makes** new versions of best-practice cases in `core.best_practice_version` (the latest are in
`core.best_practice_current`), from files made with `python -m city_indicators template best_practices`. Next
to each file it writes `<name>.report.txt`: the accepted rows, the rejected rows, why, and what to do next.
`ops.best_practice_load` accounts for every file (`read = accepted + rejected`), and
`quality.rejected_best_practice` holds every rejected row.

**When** a file without a current answer is in the folder `best_practices` of the inbox
(`CITY_INDICATORS_INBOX`) and has stopped growing. One run is always waiting, without using a worker. A file
that is replaced is processed again.

**Who reads it** the sender reads the answer. Researchers read `report.best_practice` and, after the next run
of `refresh_reports`, `report.best_practice_evidence`.

**When it fails** the cause is not the file: an unreadable file gets an answer, and the run succeeds. Read the
log of the failed task (the warehouse, the archive or the inbox could not be reached). A file without an
answer is always retried, at intervals that grow to half an hour; files that arrive in the meantime do not
wait for it. To retry a file at once, send it again. A file is loaded completely or not at all. See
`docs/how-to/take-in-best-practices.md`.
"""

from airflow.sdk import dag, task_group

from city_indicators.intake.best_practices.sheet import SOURCE
from city_indicators.orchestration.assets import BEST_PRACTICES
from city_indicators.orchestration.best_practice_tasks import publish, reply
from city_indicators.orchestration.defaults import defaults
from city_indicators.orchestration.inbox import SENSOR_RETRIES, InboxSensor
from city_indicators.orchestration.receive import archive


@dag(
    schedule="@continuous",
    tags=["best_practices", "inbox"],
    doc_md=__doc__,
    **defaults("researchers", deadline_hours=None),
)
def receive_best_practices() -> None:
    """Wait for files, then process each of them."""
    files = InboxSensor(task_id="wait", folder="best_practices", **SENSOR_RETRIES)

    @task_group
    def one_file(path: str) -> None:
        reply(publish.override(outlets=[BEST_PRACTICES])(archive(SOURCE, path)))

    one_file.expand(path=files.output)


receive_best_practices()
