"""Takes in the forms that cities drop, and lays an answer beside each."""

from datetime import timedelta

import pendulum
from airflow.sdk import Metadata, dag, task, task_group

from city_indicators.orchestration.assets import VALIDATIONS, observations
from city_indicators.orchestration.failure_callbacks import failure_callbacks
from city_indicators.orchestration.inbox import LOOKED_AGAIN, InboxSensor
from city_indicators.orchestration.retries import RETRY_TRANSIENT

FIGURES = observations("city_submission")


@dag(
    schedule="@continuous",
    start_date=pendulum.datetime(2000, 1, 1, tz="UTC"),
    catchup=False,
    max_active_runs=1,
    default_args={
        "owner": "stewards",
        "retries": 3,
        "retry_delay": timedelta(minutes=1),
        "retry_policy": RETRY_TRANSIENT,
        "execution_timeout": timedelta(minutes=10),
        "on_failure_callback": failure_callbacks(),
    },
    tags=["ingest", "inbox"],
    doc_md="""\
### Receive the forms of cities

**Makes** new versions in `core.observation_version` of what cities report themselves, one load a file, and
beside each file `<name>.report.txt` with the rows accepted, the rows refused, why, and what to do next.

**When** as soon as a file without a current answer lies in the folder `submissions` of the inbox
(`CITY_INDICATORS_INBOX`) and does not grow any more. One run is always waiting; that is no work. A file that
is replaced is taken up again.

**Who reads it** the city's contact person reads the answer; `refresh_reports` reads the figures, which go
before national and other sources.

**When it fails** the form is not at fault: one that cannot be read or that the gate refuses is answered, and
the run is green. Read the log of the failed task (the warehouse, the archive or the inbox could not be
reached). A file without an answer is taken up again in any case, after pauses that grow to half an hour; what
is dropped meanwhile is not held up. To have it taken up at once, drop it again. See `docs/submissions.md`.
""",
)
def receive_submissions() -> None:
    """Wait for files, then take each through the same steps."""
    files = InboxSensor(task_id="wait", folder="submissions", **LOOKED_AGAIN)

    @task
    def archive(path: str) -> dict:
        from city_indicators.orchestration import submission_tasks

        return submission_tasks.archive(path)

    @task(outlets=[VALIDATIONS])
    def validate(received: dict) -> dict:
        from city_indicators.orchestration import submission_tasks

        return submission_tasks.validate(received)

    @task(outlets=[FIGURES], multiple_outputs=False)
    def publish(received: dict):
        from city_indicators.orchestration import submission_tasks

        published = submission_tasks.publish(received)
        yield Metadata(FIGURES, extra={"load_id": published.get("load_id")})
        return published

    @task
    def reply(received: dict) -> str:
        from city_indicators.orchestration import submission_tasks

        return submission_tasks.reply(received)

    @task_group
    def one_form(path: str) -> None:
        reply(publish(validate(archive(path))))

    one_form.expand(path=files.output)


receive_submissions()
