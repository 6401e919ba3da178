"""Previews a backfill, then starts it unless it is a dry run.

**Makes** the plan of a backfill, as the page *Backfill plan* (the task `plan` links to it), in the tables
`ops.backfill_plan…` and in the log of `plan`:

- the intervals, and for which of them the warehouse already holds what the source serves, or the archive
  holds a snapshot that `replay_rejected` can load without fetching;
- the number of requests, the request limit of the source, and how long that takes;
- the observations already stored, and what a replay of the archive would change.

The command `python -m city_indicators plan` prints the same and stores nothing. Without *Dry run* the run
also starts Airflow's backfill of `ingest_<source>`, with as many parallel runs as the request limit of the
source allows. Its note says what was started, and whether all runs will be skipped.

**When** triggered by hand, before past years are loaded.

**Who reads it** operators. Pause, resume or cancel the backfill under *Backfills* of `ingest_<source>`. You
can plan it again at any time: what is already loaded is not loaded twice.

**When it fails**

- `plan`: no interval of the source is within the dates, or the warehouse cannot be reached. Correct the form,
  or clear the task.
- `start`: `ingest_<source>` is paused, another backfill of it is running, or the connection `airflow_api` is
  missing or refused; the log names which. Fix it and clear the task.
"""

from airflow.sdk import Param, dag

from city_indicators.catalog import load_sources
from city_indicators.orchestration.backfill_tasks import plan, start
from city_indicators.orchestration.defaults import defaults
from city_indicators.orchestration.links import BackfillPlanLink

SOURCES = sorted(source.id for source in load_sources().values() if not source.is_submission)


@dag(
    schedule=None,
    params={
        "source": Param(
            type="string",
            enum=SOURCES,
            title="Source",
            description="The source whose past intervals are loaded.",
        ),
        "from": Param(
            None,
            type=["null", "string"],
            format="date",
            title="From",
            description="Intervals that begin on this day or later. Empty: from the first of the source.",
        ),
        "to": Param(
            None,
            type=["null", "string"],
            format="date",
            title="To",
            description="Intervals that begin on this day or earlier. Empty: up to the last complete one.",
        ),
        "reprocess": Param(
            "failed",
            type="string",
            enum=["none", "failed", "completed"],
            values_display={
                "none": "skip intervals that have a run",
                "failed": "run failed ones again",
                "completed": "run all of them again",
            },
            title="Past runs",
            description="What to do with intervals that already have a run of the DAG.",
        ),
        "dry_run": Param(
            True,
            type="boolean",
            title="Dry run",
            description="Only show the plan. Without it, the backfill is started too.",
        ),
    },
    tags=["ingest", "by hand"],
    doc_md=__doc__,
    **defaults("operators", deadline_hours=None),
)
def plan_backfill() -> None:
    """Plan the backfill, and start it unless it is a dry run."""
    planned = plan()
    planned.operator.operator_extra_links = (BackfillPlanLink(),)
    start(planned=planned)


plan_backfill()
