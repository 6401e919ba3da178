"""Takes in the forms that cities send, and lays an answer beside each.

**Makes** new versions in `core.observation_version` of what cities report themselves, one load a file, and
beside each file `<name>.report.txt` with the rows accepted, the rows refused, why, and what to do next.

**When** as soon as a file without a current answer lies in the folder `submissions` of the inbox
(`CITY_INDICATORS_INBOX`) and does not grow any more. One run is always waiting; that is no work. A file that
is replaced is taken up again.

**Who reads it** the city's contact person reads the answer; `refresh_reports` reads the observations, which go
before national and other sources.

**When it fails** the form is not at fault: one that cannot be read or that the gate refuses is answered, and
the run is green. Read the log of the failed task (the warehouse, the archive or the inbox could not be
reached). A file without an answer is taken up again in any case, after pauses that grow to half an hour; what
is sent meanwhile is not held up. To have it taken up at once, send it again. See
`docs/how-to/take-in-a-city-form.md`.
"""

from airflow.sdk import dag, task_group

from city_indicators.orchestration.assets import VALIDATIONS
from city_indicators.orchestration.defaults import defaults
from city_indicators.orchestration.inbox import LOOKED_AGAIN, InboxSensor
from city_indicators.orchestration.receive import archive
from city_indicators.orchestration.submission_tasks import OBSERVATIONS, SOURCE, publish, reply, validate


@dag(
    schedule="@continuous",
    tags=["ingest", "inbox"],
    doc_md=__doc__,
    **defaults("stewards", deadline_hours=None),
)
def receive_submissions() -> None:
    """Wait for files, then take each through the same steps."""
    files = InboxSensor(task_id="wait", folder="submissions", **LOOKED_AGAIN)

    @task_group
    def one_form(path: str) -> None:
        validated = validate.override(outlets=[VALIDATIONS])(archive(SOURCE, path))
        reply(publish.override(outlets=[OBSERVATIONS])(validated))

    one_form.expand(path=files.output)


receive_submissions()
