"""A backfill's plan: from a source, intervals, and what archive and warehouse hold, to its cost."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property

from croniter import croniter

from city_indicators.catalog.models import Catalogue
from city_indicators.catalog.source import Source
from city_indicators.core.errors import BackfillError
from city_indicators.core.intervals import Interval
from city_indicators.ingest.backfill.requests import Wanted, asks, wanted
from city_indicators.sources.quota import Slot, slots


@dataclass(frozen=True)
class ArchivedLoad:
    """The years of a load of which no later one has spoken, whose answers the archive holds whole.

    `whole` is all that the load spoke of, `answers` how many answers it was made from.
    """

    load_id: int
    interval: Interval
    whole: Interval
    fetched_at: datetime
    answers: int


@dataclass(frozen=True)
class Held:
    """What the warehouse holds of a source.

    `observations` are counts by year, `current` the intervals that are loaded as today's declarations and
    rules say: while the source serves the same revision, nothing is left to load of them.
    """

    observations: Mapping[int, int]
    current: frozenset[Interval]


@dataclass(frozen=True)
class PlannedRun:
    """One interval of a backfill: that of its run."""

    interval: Interval
    wanted: Wanted
    archived: tuple[ArchivedLoad, ...]
    observations: int
    current: bool

    @property
    def does(self) -> str:
        """What is left to do for it: nothing, a replay of the archive, or a fetch."""
        if self.current:
            return "nothing"
        return "replay" if self.archived else "fetch"


@dataclass(frozen=True)
class Cost:
    """Requests, the calls that a metered service counts for them, and how long the limits stretch them.

    `time` is None where the source declares no limit: as fast as it answers.
    """

    requests: int
    calls: float
    time: timedelta | None


@dataclass(frozen=True)
class Plan:
    """A backfill of a source, before it is started.

    `taken` are the calls of the source's account that its limits still count at `now`.
    """

    source: Source
    runs: tuple[PlannedRun, ...]
    runs_at_once: int
    taken: tuple[Slot, ...]
    now: datetime

    @property
    def span(self) -> Interval:
        """From the first interval to the last."""
        return Interval(self.runs[0].interval.start, self.runs[-1].interval.end)

    @cached_property
    def least(self) -> Cost:
        """The cost if the source still serves what is loaded: then a run ends after asking for that."""
        told = asks(self.source)
        return self._cost([run for run in self.runs if not (run.current and told)])

    @cached_property
    def most(self) -> Cost:
        """The cost if everything must be fetched."""
        return self._cost(self.runs)

    @property
    def at_least(self) -> bool:
        """Whether answers may tell of more requests than are counted."""
        return any(run.wanted.at_least for run in self.runs)

    def count(self, does: str) -> int:
        """The intervals of which so much is left to do."""
        return sum(run.does == does for run in self.runs)

    def _cost(self, fetched: Iterable[PlannedRun]) -> Cost:
        calls = [each for run in fetched for each in run.wanted.calls]
        requests = len(calls) + asks(self.source) * len(self.runs)
        return Cost(requests, sum(calls), self._time(requests, calls))

    def _time(self, requests: int, calls: list[float]) -> timedelta | None:
        if self.source.quota is not None:
            sent = slots(calls, self.taken, self.source.quota.calls, self.now)
            return sent[-1].at - self.now if sent else timedelta()
        limits = self.source.limits
        pauses = [1 / limits.per_second] if limits.per_second else []
        pauses += [60 / limits.per_minute] if limits.per_minute else []
        # Every run keeps the limits for itself, and as many run at a time as the host bears.
        return timedelta(seconds=requests * max(pauses) / self.runs_at_once) if pauses else None


def intervals(source: Source, first: date | None, last: date | None, now: datetime) -> list[Interval]:
    """The intervals of the source's schedule that begin from `first` to `last` and are over.

    They are those that Airflow's backfill makes runs of. By default all since the source's first run.

    Raises:
        BackfillError: there is none.
    """
    begin = datetime(source.first_run, 1, 1, tzinfo=UTC)
    if first is not None:
        begin = datetime(first.year, first.month, first.day, tzinfo=UTC)
    ticks = croniter(source.schedule, begin - timedelta(seconds=1))
    found = []
    start, end = ticks.get_next(datetime), ticks.get_next(datetime)
    while end < now and (last is None or start.date() <= last):
        found.append(Interval(start.date(), end.date()))
        start, end = end, ticks.get_next(datetime)
    if not found:
        raise BackfillError(
            source.id,
            f"no interval of its schedule {source.schedule!r} begins from {begin.date()} to "
            f"{last or 'today'} and is over",
            "name days around the beginning of a past interval",
        )
    return found


def plan(
    source: Source,
    catalogue: Catalogue,
    wanted_intervals: Sequence[Interval],
    archived: Sequence[ArchivedLoad],
    held: Held,
    taken: Iterable[Slot],
    runs_at_once: int,
    now: datetime,
) -> Plan:
    """What a backfill of these intervals would cost, beside what is held of each."""
    runs = tuple(
        PlannedRun(
            interval=interval,
            wanted=_as_last_time(wanted(source, catalogue, owned), owned, archived),
            archived=_covering(owned, archived),
            observations=sum(held.observations.get(year, 0) for year in owned.years),
            current=owned in held.current,
        )
        for interval in wanted_intervals
        for owned in (interval.ahead(source.ahead_years),)
    )
    return Plan(source, runs, runs_at_once, tuple(taken), now)


def _covering(interval: Interval, archived: Iterable[ArchivedLoad]) -> tuple[ArchivedLoad, ...]:
    """The loads that together speak of all years of an interval; none if a year is missing."""
    touching = tuple(each for each in archived if set(each.interval.years) & set(interval.years))
    spoken = {year for each in touching for year in each.interval.years}
    return touching if spoken >= set(interval.years) else ()


def _as_last_time(counted: Wanted, interval: Interval, archived: Iterable[ArchivedLoad]) -> Wanted:
    """How many pages there are, is known from the last load of just this interval."""
    pages = next((each.answers for each in archived if each.whole == interval), None)
    return Wanted((1.0,) * pages) if counted.at_least and pages else counted
