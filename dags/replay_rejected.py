"""Reads archived snapshots again by today's rules, and loads what differs; it asks no source.

**Makes** a comparison, by rule and by load, of what past loads rejected and what today's rules, corrections
and mappings would make of the same archived bytes: in the log of `report`, and as its XCom `report`. Without
*Dry run*, also new loads of what differs, with the times of the original fetch, so that no observation fetched
later is overwritten.

**When** somebody triggers it, after a rule, a correction or the mapping of a source has changed.

**Who reads it** data engineers and stewards; what it loads wakes `refresh_reports` and `build_data_docs`.

**When it fails**

- `dry_run`: the archive does not hold a snapshot, or today's declaration of the source cannot read it; the
  log names the load and the next step. Nothing was changed.
- `publish`: the warehouse could not be reached; clear the task, and it goes on with what it has not loaded. A
  load that its gate refuses fails nothing: the ledger and the log have the reasons.
"""

from airflow.sdk import Param, dag

from city_indicators.catalog import load_sources
from city_indicators.ingest.validation.rules import load_rules
from city_indicators.orchestration.assets import REPLAYED, VALIDATIONS
from city_indicators.orchestration.defaults import defaults
from city_indicators.orchestration.replay_tasks import dry_run, find, publish, report

SOURCES = sorted(load_sources())


@dag(
    schedule=None,
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
    doc_md=__doc__,
    **defaults("stewards", deadline_hours=None),
)
def replay_rejected() -> None:
    """Find the loads, run each dry, report what would change, and load that unless it is a dry run."""
    differing = report(dry_run.expand(batch=find()))
    publish.override(outlets=[REPLAYED, VALIDATIONS])(differing)


replay_rejected()
