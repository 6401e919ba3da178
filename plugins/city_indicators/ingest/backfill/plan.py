"""Plans a backfill: what is left to do for each interval, and what it costs in requests and time."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property

from croniter import croniter

from city_indicators.catalog.models import Catalogue
from city_indicators.catalog.source import Source
from city_indicators.core.errors import BackfillError
from city_indicators.core.intervals import Interval
from city_indicators.ingest.backfill.requests import RequestCount, count_requests, revision_requests
from city_indicators.sources.quota import Slot, slots


@dataclass(frozen=True)
class Validation:
    """By what a load was validated: digests of the declarations with the rules, and of the code.

    An older load has no digest of the code.
    """

    declaration: str | None
    code: str | None


@dataclass(frozen=True)
class ArchivedLoad:
    """The years of a load that no later load covers and whose responses are all in the archive.

    `load_interval` is the complete interval of the load, `answers` the number of its responses; a load that
    is not published has no `validation`.
    """

    load_id: int
    interval: Interval
    load_interval: Interval
    fetched_at: datetime
    answers: int
    validation: Validation | None = None


@dataclass(frozen=True)
class Stored:
    """What the warehouse stores of a source.

    `observations` are counts by year. `current` are the intervals loaded by today's declarations and rules:
    nothing is left to do for them while the source serves the same revision.
    """

    observations: Mapping[int, int]
    current: frozenset[Interval]


@dataclass(frozen=True)
class PlannedRun:
    """One run of a backfill: its interval, its requests and what is stored and archived of it."""

    interval: Interval
    requests: RequestCount
    archived: tuple[ArchivedLoad, ...]
    observations: int
    current: bool

    @property
    def action(self) -> str:
        """What is left to do: `nothing`, a `replay` of the archive, or a `fetch`."""
        if self.current:
            return "nothing"
        return "replay" if self.archived else "fetch"

    @property
    def fetched_at(self) -> datetime | None:
        """When the newest of the archived loads was fetched; None without one."""
        return max((each.fetched_at for each in self.archived), default=None)


@dataclass(frozen=True)
class Cost:
    """The requests of a backfill, the calls that a metered service counts for them, and the least time.

    `time` follows from the source's rate limits; None if it declares none.
    """

    requests: int
    calls: float
    time: timedelta | None


@dataclass(frozen=True)
class Plan:
    """The plan of a backfill of a source.

    `taken` are the calls of the source's account that still count against its quota at `now`.
    """

    source: Source
    runs: tuple[PlannedRun, ...]
    runs_at_once: int
    taken: tuple[Slot, ...]
    now: datetime

    @property
    def span(self) -> Interval:
        """The interval from the first run to the last."""
        return Interval(self.runs[0].interval.start, self.runs[-1].interval.end)

    @cached_property
    def least(self) -> Cost:
        """The cost if the source still serves what is loaded: current runs then request only the revision."""
        has_revision = revision_requests(self.source)
        return self._cost([run for run in self.runs if not (run.current and has_revision)])

    @cached_property
    def most(self) -> Cost:
        """The cost if everything must be fetched."""
        return self._cost(self.runs)

    @property
    def at_least(self) -> bool:
        """Whether responses may lead to more requests than are counted, for example further pages."""
        return any(run.requests.at_least for run in self.runs)

    def count(self, action: str) -> int:
        """The number of runs with this action."""
        return sum(run.action == action for run in self.runs)

    def _cost(self, fetched: Iterable[PlannedRun]) -> Cost:
        calls = [each for run in fetched for each in run.requests.calls]
        requests = len(calls) + revision_requests(self.source) * len(self.runs)
        return Cost(requests, sum(calls), self._time(requests, calls))

    def _time(self, requests: int, calls: list[float]) -> timedelta | None:
        if self.source.quota is not None:
            sent = slots(calls, self.taken, self.source.quota.calls, self.now)
            return sent[-1].at - self.now if sent else timedelta()
        limits = self.source.limits
        pauses = [1 / limits.per_second] if limits.per_second else []
        pauses += [60 / limits.per_minute] if limits.per_minute else []
        # Every run applies the limits by itself, and `runs_at_once` of them run in parallel.
        return timedelta(seconds=requests * max(pauses) / self.runs_at_once) if pauses else None


def intervals(source: Source, first: date | None, last: date | None, now: datetime) -> list[Interval]:
    """The intervals of the source's schedule that begin between `first` and `last` and are over.

    Airflow's backfill creates the same runs. The default is all intervals since the source's first run.

    Raises:
        BackfillError: there is no such interval.
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
            f"no interval of its schedule {source.schedule!r} that begins from {begin.date()} to "
            f"{last or 'today'} is over",
            "give days that include the beginning of a past interval",
        )
    return found


def plan(
    source: Source,
    catalogue: Catalogue,
    requested_intervals: Sequence[Interval],
    archived: Sequence[ArchivedLoad],
    stored: Stored,
    taken: Iterable[Slot],
    runs_at_once: int,
    now: datetime,
) -> Plan:
    """Plan a backfill of these intervals from what is archived and stored of each."""
    runs = tuple(
        PlannedRun(
            interval=interval,
            requests=_with_known_pages(count_requests(source, catalogue, owned), owned, archived),
            archived=_covering(owned, archived),
            observations=sum(stored.observations.get(year, 0) for year in owned.years),
            current=owned in stored.current,
        )
        for interval in requested_intervals
        for owned in (interval.ahead(source.ahead_years),)
    )
    return Plan(source, runs, runs_at_once, tuple(taken), now)


def _covering(interval: Interval, archived: Iterable[ArchivedLoad]) -> tuple[ArchivedLoad, ...]:
    """The loads that together cover all years of an interval; none if a year is missing."""
    touching = tuple(each for each in archived if set(each.interval.years) & set(interval.years))
    covered = {year for each in touching for year in each.interval.years}
    return touching if covered >= set(interval.years) else ()


def _with_known_pages(
    counted: RequestCount, interval: Interval, archived: Iterable[ArchivedLoad]
) -> RequestCount:
    """The requests of an interval, with the number of pages taken from its last load if there is one."""
    pages = next((each.answers for each in archived if each.load_interval == interval), None)
    return RequestCount((1.0,) * pages) if counted.at_least and pages else counted
