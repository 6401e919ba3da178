"""Verifies the archive: reads every archived file, and compares it with the ledger.

**Makes** one row in `archive.verification`, and one in `archive.verification_finding` for each file that is
missing, damaged, or unknown to the ledger. A missing or damaged file is fetched again if its source has
neither key nor quota; if the publisher still serves the same bytes, they are put back (`healed_from`).

**When** every Sunday at 03:00 UTC.

**Who reads it** operators: the page *Data quality*, the daily digest, and the lineage of values whose file is
lost.

**When it fails** files of the ledger are missing or damaged, and no publisher serves them any more. The
values made from them stay as they are. The log names the first; `select * from archive.lost_file` lists all.
Restore them from a backup of the archive, and clear the run.
"""

from datetime import timedelta

from airflow.sdk import CronTriggerTimetable, dag

from city_indicators.orchestration.archive_tasks import verify
from city_indicators.orchestration.defaults import defaults


@dag(
    schedule=CronTriggerTimetable("0 3 * * 0", timezone="UTC"),
    tags=["watch", "archive"],
    doc_md=__doc__,
    **defaults("operators", execution_timeout=timedelta(hours=2)),
)
def verify_archive() -> None:
    """Verify the archive."""
    verify()


verify_archive()
