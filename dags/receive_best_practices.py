"""Takes in the files of best-practice cases that people send, and lays an answer beside each.

**Makes** new versions in `core.best_practice_version`, the latest of which `core.best_practice_current` shows, from files after
the template of `python -m city_indicators template cases`, and beside each file `<name>.report.txt` with the
rows accepted, the rows refused, why, and what to do next. Every file is accounted for in `ops.best_practice_load`
(`read = accepted + rejected`), every refused row in `quality.rejected_best_practice`.

**When** as soon as a file without a current answer lies in the folder `cases` of the inbox
(`CITY_INDICATORS_INBOX`) and does not grow any more. One run is always waiting; that is no work. A file that
is replaced is taken up again.

**Who reads it** the sender reads the answer; researchers read `report.best_practice` and, after the run of
`refresh_reports` that follows, `report.best_practice_evidence`.

**When it fails** the file is not at fault: one that cannot be read is answered, and the run is green. Read
the log of the failed task (the warehouse, the archive or the inbox could not be reached). A file without an
answer is taken up again in any case, after pauses that grow to half an hour; what is sent meanwhile is not
held up. To have it taken up at once, send it again. A file is published once a run, all of it or nothing. See
`docs/how-to/take-in-best-practices.md`.
"""

from airflow.sdk import dag, task_group

from city_indicators.intake.best_practices.sheet import SOURCE
from city_indicators.orchestration.assets import CASES
from city_indicators.orchestration.best_practice_tasks import publish, reply
from city_indicators.orchestration.defaults import defaults
from city_indicators.orchestration.inbox import LOOKED_AGAIN, InboxSensor
from city_indicators.orchestration.receive import archive


@dag(
    schedule="@continuous",
    tags=["best_practices", "inbox"],
    doc_md=__doc__,
    **defaults("researchers", deadline_hours=None),
)
def receive_best_practices() -> None:
    """Wait for files, then take each through the same steps."""
    files = InboxSensor(task_id="wait", folder="best_practices", **LOOKED_AGAIN)

    @task_group
    def one_file(path: str) -> None:
        reply(publish.override(outlets=[CASES])(archive(SOURCE, path)))

    one_file.expand(path=files.output)


receive_best_practices()
