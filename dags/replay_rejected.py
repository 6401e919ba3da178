"""Archived snapshots through today's rules, started with a form. It asks no source."""

from datetime import timedelta

import pendulum
from airflow.sdk import AssetAlias, Metadata, Param, dag, task

from city_indicators.catalog import load_sources
from city_indicators.ingest.validation.rules import load_rules
from city_indicators.orchestration.assets import VALIDATIONS, observations
from city_indicators.orchestration.failure_callbacks import failure_callbacks
from city_indicators.orchestration.retries import RETRY_TRANSIENT

SOURCES = sorted(load_sources())
REPLAYED = AssetAlias("observations_replayed", group="observations")


@dag(
    schedule=None,
    start_date=pendulum.datetime(2000, 1, 1, tz="UTC"),
    catchup=False,
    max_active_runs=1,
    default_args={
        "owner": "stewards",
        "retries": 2,
        "retry_delay": timedelta(minutes=1),
        "retry_policy": RETRY_TRANSIENT,
        "execution_timeout": timedelta(minutes=30),
        "on_failure_callback": failure_callbacks(),
    },
    params={
        "source": Param(
            SOURCES[0],
            type="string",
            enum=SOURCES,
            title="Source",
            description="Whose archived answers are read again.",
        ),
        "rule": Param(
            None,
            type=["null", "string"],
            examples=[rule.id for rule in load_rules().row_rules],
            title="Rule",
            description="Only loads of which this rule rejected rows, be it declared still or not. "
            "Empty: all loads.",
        ),
        "since": Param(
            None,
            type=["null", "string"],
            format="date",
            title="Fetched since",
            description="Only what was fetched on this day (UTC) or later. Empty: everything archived.",
        ),
        "dry_run": Param(
            True,
            type="boolean",
            title="Dry run",
            description="Only show what would load. Without it, what differs is loaded.",
        ),
    },
    tags=["quality", "by hand"],
    doc_md="""\
### Replay rejected rows

**Makes** a comparison, by rule and by load, of what past loads rejected and what today's rules, corrections
and mappings would make of the same archived bytes: in the log of `report`, and as its XCom `report`. Without
*Dry run*, also new loads of what differs, with the times of the original fetch, so that no figure fetched
later is overwritten.

**When** somebody triggers it, after a rule, a correction or the mapping of a source has changed.

**Who reads it** data engineers and stewards; what it loads wakes `refresh_reports` and `build_data_docs`.

**When it fails**

- `rehearse`: the archive does not hold a snapshot, or today's declaration of the source cannot read it; the
  log names the load and the next step. Nothing was changed.
- `publish`: the warehouse could not be reached; clear the task, and it goes on with what it has not loaded. A
  load that its gate refuses fails nothing: it stands in the ledger with the reasons, and the log tells them.
""",
)
def replay_rejected() -> None:
    """Find the loads, rehearse each, tell what would change, and load that unless it is a dry run."""

    @task
    def find(params: dict) -> list[dict]:
        from city_indicators.orchestration import replay_tasks

        return replay_tasks.find(params)

    @task(multiple_outputs=False)
    def rehearse(piece: dict, params: dict) -> dict:
        from city_indicators.orchestration import replay_tasks

        return replay_tasks.rehearse(params["source"], piece)

    @task
    def report(comparisons: list[dict], params: dict) -> list[dict]:
        from city_indicators.orchestration import replay_tasks

        return replay_tasks.report(params["source"], comparisons)

    @task(outlets=[REPLAYED, VALIDATIONS], multiple_outputs=False)
    def publish(differing: list[dict], params: dict):
        from city_indicators.orchestration import replay_tasks

        done = replay_tasks.publish(params, differing)
        yield Metadata(observations(params["source"]), extra=done, alias=REPLAYED)
        return done

    publish(report(rehearse.expand(piece=find())))


replay_rejected()
