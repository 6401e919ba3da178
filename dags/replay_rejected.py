"""Compares archived snapshots with what today's rules make of them, then reloads what differs.

No source is requested. By default a dry run: shows the changes only.

**Makes** a comparison, by rule and by load: what past loads rejected, and what today's rules, corrections and
mappings make of the same archived files. It is in the log of `report` and in its XCom `report`. Without
*Dry run* it also loads what differs, with the times of the original fetch, so that observations fetched later
are not overwritten.

**When** triggered by hand, after a rule, a correction or the mapping of a source has changed.

**Who reads it** data engineers and stewards. New loads trigger `refresh_reports` and `build_data_docs`.

**When it fails**

- `dry_run`: the archive does not hold a snapshot, or today's declaration of the source cannot read it. The
  log names the load and the next step. Nothing was changed.
- `publish`: the warehouse could not be reached. Clear the task, and it continues with the loads that remain.
  A load that the gate refuses does not fail the run: its reasons are in the ledger and in the log.
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
            type="string",
            enum=SOURCES,
            title="Source",
            description="The source whose archived snapshots are loaded again.",
        ),
        "rule": Param(
            None,
            type=["null", "string"],
            examples=[rule.id for rule in load_rules().row_rules],
            title="Rule",
            description="Only loads in which this rule rejected rows, even if the rule no longer exists. "
            "Empty: all loads.",
        ),
        "since": Param(
            None,
            type=["null", "string"],
            format="date",
            title="Fetched since",
            description="Only snapshots fetched on this day (UTC) or later. Empty: all snapshots.",
        ),
        "dry_run": Param(
            True,
            type="boolean",
            title="Dry run",
            description="Only show what would change. Without it, what differs is loaded.",
        ),
    },
    tags=["quality", "by hand"],
    doc_md=__doc__,
    **defaults("stewards", deadline_hours=None),
)
def replay_rejected() -> None:
    """Find past loads, compare them with today's results, and load the changes unless it is a dry run."""
    differing = report(dry_run.expand(batch=find()))
    publish.override(outlets=[REPLAYED, VALIDATIONS])(differing)


replay_rejected()
