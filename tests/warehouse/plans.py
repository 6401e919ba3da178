"""Plans of backfills of a publisher's source, from what its warehouse and archive hold."""

from datetime import date, timedelta
from unittest.mock import patch

from city_indicators.core.archive import Archive
from city_indicators.ingest import load as ingest
from city_indicators.ingest.backfill.collect import Collected, collect
from city_indicators.ingest.backfill.plan import intervals
from city_indicators.ingest.backfill.record import record
from city_indicators.ingest.validation.rules import RuleSet
from city_indicators.warehouse.ledger import Run
from tests.warehouse.conftest import CATALOGUE, NOON, RULES, SOURCE, Publisher

LATER = NOON + timedelta(days=2)
RUN = Run("plan_backfill", "manual__2026-01-03T12:00:00+00:00")


def planned(publisher: Publisher, first: int = 2018, last: int = 2020, rules: RuleSet = RULES) -> Collected:
    """The plan for some years, with these rules in a replay."""
    requested = intervals(SOURCE, date(first, 1, 1), date(last, 1, 1), LATER)
    archive = Archive(publisher.folder / "archive")
    with patch.object(ingest, "load_rules", lambda: rules):
        return collect(SOURCE, CATALOGUE, requested, archive, publisher.warehouse, LATER)


def recorded(publisher: Publisher, plan: Collected, run: Run = RUN, *, dry_run: bool = True) -> int:
    """Store a plan; returns its number."""
    with publisher.warehouse.begin() as connection:
        return record(connection, plan, run, "failed", dry_run=dry_run)
