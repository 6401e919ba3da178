"""Refreshes whose ratings several tasks compute: the same tables as from one task, old or new, never half."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text

from city_indicators.core.errors import OutdatedPlanError
from city_indicators.reports import plan as planning
from city_indicators.reports import rated, ratings
from city_indicators.reports.editions.diff import compare_all
from city_indicators.reports.plan import Plan, Work
from city_indicators.reports.rated import Rated, RatedTables, rate_and_store
from city_indicators.reports.refresh import Refresh, refresh, refresh_as_planned, refresh_or_plan
from tests.chaos.state import CHECKSUM, COMPARED, INCIDENTAL
from tests.methods import FIRST, RESEARCH, VARIED
from tests.warehouse.conftest import Publisher
from tests.warehouse.test_publish import MANY

Query = Callable[[str], list[tuple[object, ...]]]
AT = datetime(2026, 2, 1, tzinfo=UTC)
OTHER = FIRST.model_copy(update={"id": "other_rating"})
METHODS = {VARIED.id: VARIED, OTHER.id: OTHER}
CITIES = 48


@pytest.fixture(autouse=True)
def everything_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    """One year is rated at a time, and two years in a task; more than two are too many for one task."""
    monkeypatch.setattr(planning, "CITY_YEARS_IN_ONE_TASK", 2 * CITIES)
    monkeypatch.setattr(planning, "CITY_YEARS_A_TASK", 2 * CITIES)
    monkeypatch.setattr(ratings, "CITY_YEARS_AT_ONCE", CITIES)


class Tasks:
    """The tasks of a refresh, one after the other."""

    def __init__(self, warehouse: Engine, staging: Path) -> None:
        self.warehouse = warehouse
        self.staging = staging

    def plan(self, rebuild: bool = False) -> Plan:
        plan = refresh_or_plan(self.warehouse, METHODS, RESEARCH, AT, rebuild)
        assert isinstance(plan, Plan)
        # As XCom carries it.
        return Plan.model_validate(plan.model_dump(mode="json"))

    def rate(self, plan: Plan, work: Work) -> Rated:
        return rate_and_store(self.warehouse, METHODS, plan, work, RatedTables(self.staging, plan))

    def replace(self, plan: Plan) -> Refresh:
        stored = RatedTables(self.staging, plan)
        return refresh_as_planned(self.warehouse, METHODS, RESEARCH, AT, plan, stored)

    def run(self, plan: Plan) -> Refresh:
        for work in plan.work():
            self.rate(plan, work)
        return self.replace(plan)


@pytest.fixture
def tasks(publisher: Publisher, warehouse: Engine, tmp_path: Path) -> Tasks:
    """The tasks, on a warehouse with values of three years."""
    for year, value in ((2017, 50000), (2018, 60000.1), (2019, 61234.5)):
        publisher.load({**MANY, "RUS": value}, year=year)
    return Tasks(warehouse, tmp_path / "rated")


def reports(query: Query) -> dict[object, list[tuple[object, ...]]]:
    """The checksum of each report table, without ids of refreshes."""
    compared = query(COMPARED.format(incidental=INCIDENTAL))
    return {
        table: query(CHECKSUM.format(schema=schema, table=table, columns=columns))
        for schema, table, columns in compared
        if schema == "report"
    }


def test_several_tasks_make_the_same_tables_as_one(tasks: Tasks, warehouse: Engine, query: Query) -> None:
    plan = tasks.plan()
    years = ["2017", "2018", "2019"]
    assert (plan.rating_years, plan.cities, plan.rated) == (6, CITIES, dict.fromkeys(METHODS, years))
    # As many years in each task as in the others, and complete batches.
    shares = [(work.rating, work.years) for work in plan.work()]
    assert shares == [(rating, part) for rating in METHODS for part in (["2017"], ["2018", "2019"])]
    # Nothing is written before the end: not even the ratings are known.
    assert query("select count(*) from report.rating") == query("select count(*) from catalog.method")
    assert tasks.run(plan) == Refresh(loads=3, rating_years=6, written=True)
    assert not tasks.staging.joinpath(rated.FOLDER).exists()
    several = reports(query)
    # The task is repeated, as after a try that died between its commit and its end.
    assert tasks.replace(plan) == Refresh(loads=3, rating_years=6, written=False)
    assert query("select count(*) from report.drawn_ranks") != [(0,)]
    assert refresh(warehouse, METHODS, RESEARCH, AT, rebuild=True).rating_years == 6
    assert reports(query) == several
    assert not refresh(warehouse, METHODS, RESEARCH, AT).written


def test_a_task_that_died_computes_only_what_is_missing(
    tasks: Tasks, query: Query, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = tasks.plan()
    first, second, *others = plan.work()
    assert second.years == ["2018", "2019"]
    stored = RatedTables.store
    died: list[str] = []

    def dying(self: RatedTables, rating: str, years: list[str], tables: dict[str, object]) -> None:
        """Write the tables of 2018; of 2019 all but the last one."""
        if years == ["2019"] and not died:
            died.append(rating)
            tables = {name: rows for name, rows in tables.items() if name != rated.LAST}
            stored(self, rating, years, tables)  # type: ignore[arg-type]
            raise ConnectionError("the worker is gone")
        stored(self, rating, years, tables)  # type: ignore[arg-type]

    monkeypatch.setattr(RatedTables, "store", dying)
    tasks.rate(plan, first)
    with pytest.raises(ConnectionError):
        tasks.rate(plan, second)
    with pytest.raises(OutdatedPlanError, match="climate_first, 2019 to 2019"):
        tasks.replace(plan)
    assert query("select count(*) from report.rating") == [(0,)]
    # The run is cleared: with nothing published since, the plan is the same.
    assert tasks.plan() == plan
    done = [(found.years, found.found) for found in (tasks.rate(plan, work) for work in plan.work())]
    assert done == [(0, 1), (1, 1), (1, 0), (2, 0)]
    assert others[0].rating == OTHER.id
    assert tasks.replace(plan).rating_years == 6


def test_a_load_that_is_published_meanwhile_is_left_to_the_next_refresh(
    tasks: Tasks, publisher: Publisher, warehouse: Engine, query: Query, monkeypatch: pytest.MonkeyPatch
) -> None:
    tasks.run(tasks.plan())
    before = reports(query)
    seen = []

    def last_step(*given: Any) -> int:
        """Look, as a reader does, when everything is written and nothing committed."""
        seen.append(reports(query))
        return compare_all(*given)

    monkeypatch.setattr("city_indicators.reports.refresh.compare_all", last_step)
    plan = tasks.plan(rebuild=True)
    work = list(plan.work())
    tasks.rate(plan, work[0])
    # One year changes before it is rated, another one after it.
    publisher.load({**MANY, "RUS": 7}, year=2017)
    publisher.load({**MANY, "RUS": 8}, year=2018)
    for each in work[1:]:
        tasks.rate(plan, each)
    assert tasks.replace(plan) == Refresh(loads=0, rating_years=6, written=True)
    assert reports(query) == before
    # Both affect the years to which their values are carried, until 2019.
    following = tasks.plan()
    assert following.loads == [4, 5]
    assert tasks.run(following) == Refresh(loads=2, rating_years=6, written=True)
    after = reports(query)
    assert (seen, after != before) == ([before, before], True)
    refresh(warehouse, METHODS, RESEARCH, AT, rebuild=True)
    assert reports(query) == after


def test_an_outdated_plan_is_refused(
    tasks: Tasks, publisher: Publisher, warehouse: Engine, query: Query, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = tasks.plan()
    for work in plan.work():
        tasks.rate(plan, work)
    # The clock of another worker is slow: its load is known from before the plan.
    publisher.load({**MANY, "RUS": 7}, year=2016)
    with warehouse.begin() as connection:
        moment = {"at": datetime(2026, 1, 2, tzinfo=UTC) - timedelta(days=1)}
        connection.execute(text("update ops.load set published_at = :at where load_id = 4"), moment)
    with pytest.raises(OutdatedPlanError, match=r"loads \[4\] were published"):
        tasks.replace(plan)
    with warehouse.begin() as connection:
        connection.execute(text("update ops.load set published_at = now() where load_id = 4"))
    monkeypatch.setattr(planning.digests, "of_project", lambda: "another release")
    for refused in (lambda: tasks.rate(plan, next(plan.work())), lambda: tasks.replace(plan)):
        with pytest.raises(OutdatedPlanError, match="another release was deployed"):
            refused()
    monkeypatch.undo()
    assert query("select count(*) from report.rating") == [(0,)]
    refresh(warehouse, METHODS, RESEARCH, AT)
    with pytest.raises(OutdatedPlanError, match="the reports were refreshed"):
        tasks.replace(plan)
