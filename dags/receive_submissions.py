"""Loads the forms that cities submit, and writes an answer next to each file.

**Makes** new versions in `core.observation_version` of the data that cities report themselves, one load per
file. Next to each file it writes `<name>.report.txt`: the accepted rows, the rejected rows, why, and what to
do next.

**When** a file without a current answer is in the folder `submissions` of the inbox (`CITY_INDICATORS_INBOX`)
and has stopped growing. One run is always waiting, without using a worker. A file that is replaced is
processed again.

**Who reads it** the contact person of the city reads the answer. `refresh_reports` reads the observations,
which take precedence over national and other sources.

**When it fails** the cause is not the form: a form that is unreadable or refused by the gate gets an answer,
and the run succeeds. Read the log of the failed task (the warehouse, the archive or the inbox could not be
reached). A file without an answer is always retried, at intervals that grow to half an hour; files that
arrive in the meantime do not wait for it. To retry a file at once, send it again. See
`docs/how-to/take-in-a-city-form.md`.
"""

from airflow.sdk import dag, task_group

from city_indicators.orchestration.assets import VALIDATIONS
from city_indicators.orchestration.defaults import defaults
from city_indicators.orchestration.inbox import SENSOR_RETRIES, InboxSensor
from city_indicators.orchestration.receive import archive
from city_indicators.orchestration.submission_tasks import OBSERVATIONS, SOURCE, publish, reply, validate


@dag(
    schedule="@continuous",
    tags=["ingest", "inbox"],
    doc_md=__doc__,
    **defaults("stewards", deadline_hours=None),
)
def receive_submissions() -> None:
    """Wait for files, then process each of them."""
    files = InboxSensor(task_id="wait", folder="submissions", **SENSOR_RETRIES)

    @task_group
    def one_form(path: str) -> None:
        validated = validate.override(outlets=[VALIDATIONS])(archive(SOURCE, path))
        reply(publish.override(outlets=[OBSERVATIONS])(validated))

    one_form.expand(path=files.output)


receive_submissions()
