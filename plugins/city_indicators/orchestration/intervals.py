"""The years that a run ingests."""

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

from airflow.sdk.exceptions import AirflowFailException

from city_indicators.core.intervals import Interval

if TYPE_CHECKING:
    from city_indicators.catalog import Source


def interval_of(source: "Source", dag_run: Any, since: int | None) -> Interval:
    """The data interval of the run; for projections a later one; if `since` is given, from that year on.

    A scheduled run also covers the trailing and leading years of the source, a run with `since` the leading
    ones. A backfill covers exactly its range.

    Raises:
        AirflowFailException: the run has no data interval, or no year begins in it.
    """
    start, end = dag_run.data_interval_start, dag_run.data_interval_end
    if start is None or end is None:
        raise AirflowFailException(
            f"run {dag_run.run_id} has no data interval. Next step: trigger it with a logical date, or "
            f"run `airflow backfill create --dag-id ingest_{source.id} --from-date … --to-date …`"
        )
    interval = Interval(start.date(), end.date()).ahead(source.ahead_years)
    if not interval.years:
        raise AirflowFailException(
            f"run {dag_run.run_id}: no year begins in its data interval, {start.date()} to {end.date()}, and "
            "a run loads the years that begin in it. Next step: trigger it without a data interval of its own"
        )
    if since is not None:
        interval = replace(interval, start=min(interval.start, date(since, 1, 1)))
    elif dag_run.run_type == "scheduled":
        interval = interval.reaching_back(source.trailing_years)
    else:
        return interval
    return interval.reaching_on(source.leading_years)
