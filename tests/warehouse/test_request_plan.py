"""The shared request plan of rate-limited sources, stored in the warehouse."""

import heapq
import json
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, text

from city_indicators.catalog import load_catalogue
from city_indicators.catalog.source import Quota
from city_indicators.core.archive import Archive
from city_indicators.core.errors import SourceBusyError, SourceContractError
from city_indicators.core.intervals import Interval
from city_indicators.core.snapshots import Answer
from city_indicators.ingest import fetch as fetching
from city_indicators.ingest.fetch import SourceClient, fetch_planned
from city_indicators.ingest.request_plan import Planned, RequestPlan
from city_indicators.sources.http import session
from city_indicators.sources.quota import Request
from city_indicators.warehouse.ledger import Run

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SPAN = timedelta(minutes=20)
QUOTA = Quota(account="service", calls={1: 10, 60: 25})
CATALOGUE = load_catalogue()

Query = Callable[[str], list[tuple[object, ...]]]


def requests(*calls: float) -> list[Request]:
    return [Request("/path", {"number": str(number)}, each) for number, each in enumerate(calls)]


def minutes(warehouse: Engine, run: str, needed: list[Request], now: datetime = NOW) -> list[float]:
    planned = RequestPlan(warehouse, QUOTA, Run("dag", run)).reserve(needed, SPAN, now)
    return [(each.send_at - NOW).total_seconds() / 60 for each in planned]


def test_runs_are_scheduled_one_after_the_other(warehouse: Engine) -> None:
    assert minutes(warehouse, "a", requests(6, 6)) == [0, 1]
    assert minutes(warehouse, "b", requests(4, 6)) == [1, 2]
    # 22 of the hour's 25 calls are taken: the first call of 6 fits when the first 6 leave the window.
    assert minutes(warehouse, "c", requests(6)) == [60]


def test_requests_of_a_run_are_not_split_by_a_window(warehouse: Engine) -> None:
    minutes(warehouse, "a", requests(9, 9))
    # Alone its requests take one minute; 7 calls fit now and 7 only in an hour, so both are sent then.
    assert minutes(warehouse, "b", requests(7, 7)) == [60, 61]


def test_another_account_has_its_own_limits(warehouse: Engine) -> None:
    minutes(warehouse, "a", requests(10))
    other = RequestPlan(warehouse, Quota(account="other", calls={1: 10}), Run("dag", "b"))
    assert [each.send_at for each in other.reserve(requests(10), SPAN, NOW)] == [NOW]


def test_a_retry_keeps_its_schedule(warehouse: Engine, query: Query) -> None:
    minutes(warehouse, "a", requests(10, 10))
    first = minutes(warehouse, "b", requests(10))
    assert minutes(warehouse, "b", requests(10), NOW + timedelta(minutes=5)) == first == [60]
    assert query("select count(*) from ops.request_plan") == [(3,)]


def test_a_retry_long_after_its_schedule_is_planned_again(warehouse: Engine, query: Query) -> None:
    quota = Quota(account="service", calls={1: 600})
    plan = RequestPlan(warehouse, quota, Run("dag", "paused"))
    for hours in (0, 2, 4):
        now = NOW + timedelta(hours=hours)
        planned = plan.reserve(requests(*[300] * 10), SPAN, now)
        assert [(each.send_at - now).total_seconds() / 60 for each in planned] == [*sorted([*range(5)] * 2)]
    assert query("select count(*) from ops.request_plan") == [(10,)]


def test_runs_that_missed_their_schedule_are_sent_in_sequence(warehouse: Engine) -> None:
    delayed = NOW + timedelta(hours=2)
    for run in "abcd":
        minutes(warehouse, run, requests(6))
    # The run that was planned last retries first.
    assert [minutes(warehouse, run, requests(6), delayed) for run in "dcba"] == [[120], [121], [122], [123]]


def test_a_slightly_delayed_retry_keeps_its_place_in_the_queue(
    warehouse: Engine,
) -> None:
    minutes(warehouse, "a", requests(10, 10))
    assert minutes(warehouse, "b", requests(10)) == [60]
    assert minutes(warehouse, "c", requests(10, 10)) == [120, 121]
    assert minutes(warehouse, "b", requests(10), NOW + timedelta(minutes=65)) == [65]
    assert minutes(warehouse, "b", requests(10), NOW + timedelta(minutes=71)) == [180]


def test_a_retry_with_other_requests_releases_its_schedule(warehouse: Engine, query: Query) -> None:
    minutes(warehouse, "a", requests(10, 10))
    assert minutes(warehouse, "a", requests(5)) == [0]
    assert query("select count(*) from ops.request_plan") == [(1,)]


def test_sent_requests_count_for_the_retry(warehouse: Engine) -> None:
    plan = RequestPlan(warehouse, QUOTA, Run("dag", "a"))
    for each in plan.reserve(requests(10, 10), SPAN, NOW):
        plan.send(each, NOW + timedelta(minutes=each.position))
    assert minutes(warehouse, "a", requests(10), NOW + timedelta(minutes=3)) == [61]


def test_a_delayed_request_delays_the_following_ones(warehouse: Engine, query: Query) -> None:
    first, second = (RequestPlan(warehouse, QUOTA, Run("dag", run)) for run in "ab")
    (delayed,) = first.reserve(requests(6), SPAN, NOW)
    (punctual,) = second.reserve(requests(6), SPAN, NOW)
    assert first.send(delayed, NOW + timedelta(seconds=50)) == NOW + timedelta(seconds=50)
    assert second.send(punctual, punctual.send_at) == NOW + timedelta(seconds=110)
    assert query("select max(sent_at - send_at) from ops.request_plan") == [(timedelta(seconds=50),)]


@contextmanager
def planning(warehouse: Engine, account: str) -> Iterator[Connection]:
    """Hold the lock of an account like a run that is planning."""
    with warehouse.begin() as connection:
        connection.execute(text(f"select pg_advisory_xact_lock(hashtextextended('plan {account}', 0))"))
        yield connection


def wait_until_waiting(holder: Connection, running: Future[Any]) -> None:
    """Wait until a session waits for the holder's lock; it must not end before."""
    while not holder.execute(text("select count(*) from pg_locks where not granted")).scalar_one():
        assert not running.done(), running.exception() or running.result()


def test_runs_of_an_account_plan_one_after_the_other(warehouse: Engine) -> None:
    with ThreadPoolExecutor(1) as pool:
        with planning(warehouse, "service") as holder:
            running = pool.submit(minutes, warehouse, "a", requests(10))
            wait_until_waiting(holder, running)
        assert running.result(60) == [0]


def test_a_request_is_sent_while_no_other_run_of_the_account_plans(warehouse: Engine) -> None:
    plan = RequestPlan(warehouse, QUOTA, Run("dag", "a"))
    (planned,) = plan.reserve(requests(10), SPAN, NOW)
    with ThreadPoolExecutor(1) as pool:
        with planning(warehouse, "service") as holder:
            running = pool.submit(plan.send, planned, NOW)
            wait_until_waiting(holder, running)
        assert running.result(60) == NOW


def test_another_account_does_not_wait(warehouse: Engine) -> None:
    with planning(warehouse, "other"):
        assert minutes(warehouse, "a", requests(10)) == [0]


RUNS = [("service", "dag", "a"), ("service", "dag", "b"), ("service", "other", "a"), ("other", "dag", "a")]
"""A run, and others that differ from it in one part of their key."""


def plans(warehouse: Engine) -> list[RequestPlan]:
    return [
        RequestPlan(warehouse, QUOTA.model_copy(update={"account": account}), Run(dag, run))
        for account, dag, run in RUNS
    ]


PLANNED = "select account, dag_id, run_id, position, sent_at from ops.request_plan order by 1 desc, 2, 3, 4"


def test_positions_count_the_requests_of_a_run(warehouse: Engine) -> None:
    for plan in plans(warehouse):
        assert [each.position for each in plan.reserve(requests(1, 1, 1), SPAN, NOW)] == [1, 2, 3]


def test_a_request_that_is_sent_is_marked_alone(warehouse: Engine, query: Query) -> None:
    first, *_ = [plan.reserve(requests(1, 1), SPAN, NOW) for plan in plans(warehouse)]
    plans(warehouse)[0].send(first[1], NOW)
    expected = [(*run, position, None) for run in RUNS for position in (1, 2)]
    expected[1] = (*RUNS[0], 2, NOW)
    assert query(PLANNED) == expected


def test_a_run_that_plans_again_releases_only_what_it_has_not_sent(warehouse: Engine, query: Query) -> None:
    first, *_ = [plan.reserve(requests(1, 1), SPAN, NOW) for plan in plans(warehouse)]
    own = plans(warehouse)[0]
    own.send(first[0], NOW)
    # The second try needs other requests; they come after the one that was sent.
    assert [each.position for each in own.reserve(requests(2, 2), SPAN, NOW)] == [2, 3]
    of_others = [(*run, position, None) for run in RUNS[1:] for position in (1, 2)]
    assert query(PLANNED) == [(*RUNS[0], 1, NOW), (*RUNS[0], 2, None), (*RUNS[0], 3, None), *of_others]


def test_a_retry_finds_its_own_requests_in_their_order(warehouse: Engine) -> None:
    """Others of the same account have planned requests before and after."""
    needed = requests(10, 5, 10)
    planned = [plan.reserve(needed, SPAN, NOW) for plan in plans(warehouse)]
    for plan, before in zip(plans(warehouse), planned, strict=True):
        assert plan.reserve(needed, SPAN, NOW) == before
    assert [each.send_at for each in planned[0]] == [
        NOW,
        NOW + timedelta(minutes=1),
        NOW + timedelta(minutes=2),
    ]


@pytest.mark.parametrize(("late", "again"), [(0, 2), (300, 7), (301, 61)])
def test_a_retry_keeps_its_place_for_five_minutes(warehouse: Engine, late: int, again: int) -> None:
    """At its time it keeps it; until five minutes later it is sent at once; then it goes to the end."""
    minutes(warehouse, "a", requests(10, 10))
    assert minutes(warehouse, "b", requests(5)) == [2]
    assert minutes(warehouse, "c", requests(10)) == [60]
    at = NOW + timedelta(minutes=2, seconds=late)
    assert minutes(warehouse, "b", requests(5), at) == [again]


def test_requests_above_the_limits_are_refused(warehouse: Engine, query: Query) -> None:
    with pytest.raises(ValueError, match="30 calls take"):
        minutes(warehouse, "a", requests(10, 10, 10))
    assert query("select count(*) from ops.request_plan") == [(0,)]


class Clock:
    """A clock that advances only while something waits."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    def wait(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch, clock: Clock) -> list[tuple[float, str]]:
    """Minute and first day of each sent request."""
    noted: list[tuple[float, str]] = []

    def get(http: object, source: str, url: str, params: dict[str, str]) -> Answer:
        noted.append(((clock.now - NOW).total_seconds() / 60, params["start_date"]))
        return Answer(url + json.dumps(params), b"{}", "application/json", None, None)

    monkeypatch.setattr(fetching, "get", get)
    return noted


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def client(tmp_path: Path, clock: Clock) -> Iterator[SourceClient]:
    source = CATALOGUE.sources["open_meteo_archive"]
    with session() as http:
        yield SourceClient(source, http, source.base_url, Archive(tmp_path), clock)


def fetch_year(
    client: SourceClient, warehouse: Engine, clock: Clock, first: int, last: int | None = None
) -> int:
    quota = client.source.quota
    assert quota is not None
    plan = RequestPlan(warehouse, quota, Run("ingest", f"run {first}"))
    interval = Interval(date(first, 1, 1), date((last or first) + 1, 1, 1))
    return len(fetch_planned(client, CATALOGUE, interval, plan, clock.wait))


def check_limits(sent: list[tuple[float, str]]) -> None:
    """Check that no window of a minute, an hour or a day exceeds the limits of the service."""
    for span, limit in {1: 600, 60: 5_000, 1440: 10_000}.items():
        for last, _ in sent:
            assert sum(16 * 365 / 14 for minute, _ in sent if 0 <= round(last - minute, 6) < span) <= limit


def test_a_year_of_all_cities_takes_three_requests_one_per_minute(
    client: SourceClient, warehouse: Engine, clock: Clock, sent: list[tuple[float, str]], query: Query
) -> None:
    assert fetch_year(client, warehouse, clock, 2019) == 3
    assert sent == [(minute, "2019-01-01") for minute in (0, 1, 2)]
    assert query("select count(*) filter (where sent_at = send_at), count(*) from ops.request_plan") == [
        (3, 3)
    ]


def test_a_request_is_recorded_as_sent_before_it_is_sent(
    client: SourceClient,
    warehouse: Engine,
    clock: Clock,
    sent: list[tuple[float, str]],
    query: Query,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A process that dies while it waits for the answer has used up its calls all the same."""
    get, recorded = fetching.get, []

    def watched(*arguments: Any) -> Answer:
        recorded.append(query("select count(sent_at) from ops.request_plan"))
        return get(*arguments)

    monkeypatch.setattr(fetching, "get", watched)
    fetch_year(client, warehouse, clock, 2019)
    assert recorded == [[(1,)], [(2,)], [(3,)]]


@pytest.mark.parametrize(("planned", "is_busy"), [((0, 20), False), ((1, 21), True), ((19, 20), False)])
def test_a_fetch_waits_if_its_last_request_is_near_and_names_the_time_of_its_first(
    client: SourceClient, clock: Clock, sent: list[tuple[float, str]], planned: tuple[int, int], is_busy: bool
) -> None:
    """Twenty minutes are near; a later fetch is tried again when its first request may be sent."""
    both = [
        Planned(n, NOW + timedelta(minutes=minute), Request("/v1/archive", {"start_date": str(minute)}, 1))
        for n, minute in enumerate(planned)
    ]
    plan = SimpleNamespace(reserve=lambda *_: both, send=lambda _, now: now)
    interval = Interval(date(2019, 1, 1), date(2020, 1, 1))
    if is_busy:
        with pytest.raises(SourceBusyError) as busy:
            fetch_planned(client, CATALOGUE, interval, plan, clock.wait)  # type: ignore[arg-type]
        assert (busy.value.seconds, sent) == (60 * planned[0], [])
    else:
        fetch_planned(client, CATALOGUE, interval, plan, clock.wait)  # type: ignore[arg-type]
        assert [minute for minute, _ in sent] == list(planned)


def test_limits_hold_after_a_slow_answer(
    client: SourceClient,
    warehouse: Engine,
    clock: Clock,
    sent: list[tuple[float, str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    get = fetching.get

    def slow(*arguments: Any) -> Answer:
        answer = get(*arguments)
        clock.wait(150 if len(sent) == 1 else 0)
        return answer

    monkeypatch.setattr(fetching, "get", slow)
    fetch_year(client, warehouse, clock, 2019)
    # The third was planned for minute 2; a minute allows 600 calls, and a request counts 417.
    assert [minute for minute, _ in sent] == [0, 2.5, 3.5]


def test_thirty_years_fit_the_limits_in_sequence(
    client: SourceClient, warehouse: Engine, clock: Clock, sent: list[tuple[float, str]]
) -> None:
    tries = 0
    for year in range(1995, 2025):
        while True:
            tries += 1
            try:
                fetch_year(client, warehouse, clock, year)
                break
            except SourceBusyError as busy:
                clock.wait(busy.seconds)
    assert len(sent) == 90
    assert sorted({day for _, day in sent}) == [f"{year}-01-01" for year in range(1995, 2025)]
    check_limits(sent)
    # A run waits at most once; its second try sends the requests.
    assert tries <= 60


@pytest.mark.parametrize("paused_hours", [0, 6, 30])
def test_thirty_parallel_runs_stay_within_the_limits(
    client: SourceClient, warehouse: Engine, clock: Clock, sent: list[tuple[float, str]], paused_hours: int
) -> None:
    tries = Counter[int]()
    due = [(NOW, year) for year in range(1995, 2025)]
    while due:
        at, year = heapq.heappop(due)
        if tries.total() >= 30:
            clock.now = max(clock.now, at, NOW + timedelta(hours=paused_hours))
        tries[year] += 1
        try:
            fetch_year(client, warehouse, clock, year)
        except SourceBusyError as busy:
            heapq.heappush(due, (clock.now + timedelta(seconds=busy.seconds + 7), year))
    assert len(sent) == 90
    check_limits(sent)
    # An ingestion is tried four times: one try remains for other errors.
    assert max(tries.values()) <= 3


def test_thirty_years_in_one_run_are_refused(
    client: SourceClient, warehouse: Engine, clock: Clock, sent: list[tuple[float, str]]
) -> None:
    with pytest.raises(SourceContractError, match=r"37570 calls take.*Next step: backfill one year a run"):
        fetch_year(client, warehouse, clock, 1995, 2024)
    assert sent == []
