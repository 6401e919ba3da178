"""Takes in the files of best-practice cases that people drop, and lays an answer beside each."""

from datetime import timedelta

import pendulum
from airflow.sdk import dag, task, task_group

from city_indicators.orchestration.assets import CASES
from city_indicators.orchestration.failure_callbacks import failure_callbacks
from city_indicators.orchestration.inbox import LOOKED_AGAIN, InboxSensor
from city_indicators.orchestration.retries import RETRY_TRANSIENT


@dag(
    schedule="@continuous",
    start_date=pendulum.datetime(2000, 1, 1, tz="UTC"),
    catchup=False,
    max_active_runs=1,
    default_args={
        "owner": "researchers",
        "retries": 2,
        "retry_delay": timedelta(minutes=1),
        "retry_policy": RETRY_TRANSIENT,
        "execution_timeout": timedelta(minutes=15),
        "on_failure_callback": failure_callbacks(),
    },
    tags=["cases", "inbox"],
    doc_md="""\
### Receive best-practice cases

**Makes** new versions in `core.case_version`, the latest of which `core.case_current` shows, from files after
the template of `python -m city_indicators template cases`, and beside each file `<name>.report.txt` with the
rows accepted, the rows refused, why, and what to do next. Every file is accounted for in `ops.case_load`
(`read = accepted + rejected`), every refused row in `quality.rejected_case`.

**When** as soon as a file without a current answer lies in the folder `cases` of the inbox
(`CITY_INDICATORS_INBOX`) and does not grow any more. One run is always waiting; that is no work. A file that
is replaced is taken up again.

**Who reads it** the sender reads the answer; researchers read `report.case` and, after the run of
`refresh_reports` that follows, `report.case_evidence`.

**When it fails** the file is not at fault: one that cannot be read is answered, and the run is green. Read
the log of the failed task (the warehouse, the archive or the inbox could not be reached). A file without an
answer is taken up again in any case, after pauses that grow to half an hour; what is dropped meanwhile is not
held up. To have it taken up at once, drop it again. A file is published once a run, all of it or nothing. See
`docs/cases.md`.
""",
)
def receive_best_practices() -> None:
    """Wait for files, then take each through the same steps."""
    files = InboxSensor(task_id="wait", folder="cases", **LOOKED_AGAIN)

    @task
    def archive(path: str) -> dict:
        from city_indicators.orchestration import best_practice_tasks

        return best_practice_tasks.archive(path)

    @task(outlets=[CASES])
    def publish(received: dict) -> dict:
        from city_indicators.orchestration import best_practice_tasks

        return best_practice_tasks.publish(received)

    @task
    def reply(received: dict) -> str:
        from city_indicators.orchestration import best_practice_tasks

        return best_practice_tasks.reply(received)

    @task_group
    def one_file(path: str) -> None:
        reply(publish(archive(path)))

    one_file.expand(path=files.output)


receive_best_practices()
