"""Plans a backfill, and starts it unless it is a dry run.

**Makes** the plan of a backfill: which intervals; of which the warehouse holds what the source serves, and
which the archive holds, so that `replay_rejected` loads them without a fetch; how many requests, against
which limit, and how long that takes; the observations held now; what a replay of the archive would change. In the
log of `plan`, and as its XCom `report`. The command `python -m city_indicators plan` prints the same.
Without *Dry run* also Airflow's backfill of `ingest_<source>`, with as many runs at a time as the source
bears requests. The note of the run says what was started, and if every run of it will be skipped.

**When** somebody triggers it, before past years are loaded.

**Who reads it** operators. The backfill is under *Backfills* of `ingest_<source>`: it can be paused, gone on
with and cancelled there, and planned again at any time. What was loaded is not loaded twice.

**When it fails**

- `plan`: no interval of the source lies within the days; or the warehouse could not be reached: clear it.
- `start`: `ingest_<source>` is paused, another backfill of it goes on, or the connection `airflow_api` is
  missing or refused; the log names which. Mend it and clear the task.
"""

from airflow.sdk import Param, dag

from city_indicators.catalog import load_sources
from city_indicators.orchestration.backfill_tasks import plan, start
from city_indicators.orchestration.defaults import defaults

SOURCES = sorted(source.id for source in load_sources().values() if not source.is_submission)


@dag(
    schedule=None,
    params={
        "source": Param(
            SOURCES[0],
            type="string",
            enum=SOURCES,
            title="Source",
            description="Whose past intervals are to be loaded.",
        ),
        "from": Param(
            None,
            type=["null", "string"],
            format="date",
            title="From",
            description="Intervals that begin on this day or later. Empty: from its first period on.",
        ),
        "to": Param(
            None,
            type=["null", "string"],
            format="date",
            title="To",
            description="Intervals that begin on this day or earlier. Empty: to the last that is over.",
        ),
        "reprocess": Param(
            "failed",
            type="string",
            enum=["none", "failed", "completed"],
            values_display={
                "none": "leave them all",
                "failed": "run again those that failed",
                "completed": "run all again",
            },
            title="Past runs",
            description="What becomes of intervals that have a run of the DAG already.",
        ),
        "dry_run": Param(
            True,
            type="boolean",
            title="Dry run",
            description="Only tell the plan. Without it, the backfill is started too.",
        ),
    },
    tags=["ingest", "by hand"],
    doc_md=__doc__,
    **defaults("operators", deadline_hours=None),
)
def plan_backfill() -> None:
    """Plan the backfill, and start it unless it is a dry run."""
    start(planned=plan())


plan_backfill()
