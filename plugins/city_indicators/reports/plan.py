"""Plans a refresh of the report tables: what it recomputes, and from which data."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Final, NamedTuple, Self

import pandas as pd
from sqlalchemy import Connection

from city_indicators.analytics.ratings.method import Method
from city_indicators.catalog.entry import Entry
from city_indicators.core import digests
from city_indicators.core.errors import OutdatedPlanError
from city_indicators.reports.past import affected_periods, rated_periods, reference_as_of
from city_indicators.reports.ratings import batches
from city_indicators.reports.research import Research
from city_indicators.warehouse.database import frame, statement
from city_indicators.warehouse.moment import NOW, Moment
from city_indicators.warehouse.report_tables import digest

CITY_YEARS_IN_ONE_TASK: Final = 20_000
"""A refresh that rates more cities × years is shared among tasks; the demo rates half of that."""
CITY_YEARS_A_TASK: Final = 120_000
"""Cities × years of one of these tasks: ten years of twelve thousand cities."""


class LatestRefresh(NamedTuple):
    """The last refresh, None if there was none, and the digest of its plan, None if one task did it."""

    report_refresh_id: int | None
    plan: str | None


class Work(NamedTuple):
    """The years of a rating that one task rates."""

    rating: str
    years: list[str]


class Plan(Entry):
    """What a refresh recomputes.

    `after` is the refresh before, `loads` those that no refresh has included. `superseded` are the ratings of
    which all years are deleted; of the others, `affected` are the years whose rows are, and `rated` the years
    that are rated again. `indicators` are those whose trends change, None being all of them; `profiles` is
    whether the tables of queries change. `code` is the digest of the code and declarations that plan it.
    """

    known_at: Moment
    after: int | None
    loads: list[int]
    reference_id: int
    cities: int
    declaration: str
    code: str
    superseded: list[str]
    affected: dict[str, list[str]]
    rated: dict[str, list[str]]
    indicators: list[str] | None
    profiles: bool

    @classmethod
    def of(
        cls,
        connection: Connection,
        methods: Mapping[str, Method],
        research: Research,
        superseded: set[str],
        at: datetime,
        rebuild: bool,
        known_at: Moment = NOW,
    ) -> Self:
        """Plan to include what is known at a moment; `superseded` are ratings to compute in any case."""
        loads = frame(connection, "refresh/pending_loads", known_at=known_at)["load_id"].tolist()
        current = reference_as_of(connection)
        made_by = {"reference_id": current.reference_id, "declaration": digest()}
        rebuild = rebuild or connection.execute(statement("refresh/inputs_changed"), made_by).scalar_one()
        again = set(methods) if rebuild else superseded | _superseded(connection, methods)
        changed = frame(connection, "refresh/changed_periods", loads=loads)
        affected, rated = _periods(connection, methods, again, changed, at.year, known_at)
        all_trends = rebuild or research.superseded(connection)
        return cls(
            known_at=known_at,
            after=latest_refresh(connection).report_refresh_id,
            loads=loads,
            **made_by,
            cities=len(current.reference.cities),
            code=digests.of_project(),
            superseded=sorted(again),
            affected=affected,
            rated=rated,
            indicators=None if all_trends else sorted(set(changed["indicator"])),
            profiles=rebuild or len(changed) > 0,
        )

    @property
    def is_empty(self) -> bool:
        """Whether nothing changed that reports depend on, other than best practices."""
        return not self.loads and not self.superseded and self.indicators is not None

    @property
    def rating_years(self) -> int:
        """The number of years of ratings that are computed."""
        return sum(len(years) for years in self.rated.values())

    @property
    def is_large(self) -> bool:
        """Whether the ratings are to be computed by several tasks."""
        return self.rating_years * self.cities > CITY_YEARS_IN_ONE_TASK

    @property
    def key(self) -> str:
        """A digest of the plan: with the same one, a rating has the same values."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()

    def batches(self, rating: str) -> list[list[str]]:
        """The years of a rating that are rated at once."""
        return batches(self.rated[rating], self.cities)

    def work(self) -> Iterator[Work]:
        """The shares of the tasks: complete batches of one rating, as many in each as in the others."""
        for rating in self.rated:
            lots = self.batches(rating)
            tasks = -(-len(self.rated[rating]) * self.cities // CITY_YEARS_A_TASK)
            for task in range(tasks):
                begin, end = (len(lots) * number // tasks for number in (task, task + 1))
                yield Work(rating, [year for lot in lots[begin:end] for year in lot])

    def check(self, connection: Connection) -> None:
        """Check that the plan still leads to the reports of its moment.

        Raises:
            OutdatedPlanError: something was refreshed or deployed since, or a load became known later.
        """
        if latest_refresh(connection).report_refresh_id != self.after:
            raise OutdatedPlanError("the reports were refreshed")
        loads = frame(connection, "refresh/pending_loads", known_at=self.known_at)["load_id"].tolist()
        if loads != self.loads:
            raise OutdatedPlanError(
                f"loads {sorted(set(loads) ^ set(self.loads))} were published or included"
            )
        self.check_code()

    def check_code(self) -> None:
        """Check that this process has the code and declarations of the plan.

        Raises:
            OutdatedPlanError: it has others.
        """
        if self.code != digests.of_project():
            raise OutdatedPlanError("another release was deployed")


def latest_refresh(connection: Connection) -> LatestRefresh:
    """The last refresh of the report tables."""
    found = connection.execute(statement("refresh/latest_refresh")).first()
    return LatestRefresh(*found) if found else LatestRefresh(None, None)


def _superseded(connection: Connection, methods: Mapping[str, Method]) -> set[str]:
    versions = json.dumps({method.id: method.version for method in methods.values()})
    return set(frame(connection, "refresh/superseded_methods", versions=versions)["rating"])


def _periods(
    connection: Connection,
    methods: Mapping[str, Method],
    superseded: set[str],
    changed: pd.DataFrame,
    last_year: int,
    known_at: Moment,
) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """The affected years of each rating (all if it is superseded), and those of them to rate."""
    if not superseded and changed.empty:
        nothing: dict[str, list[str]] = {key: [] for key in methods}
        return nothing, nothing
    known = frame(connection, "refresh/known_periods", known_at=known_at)
    affected = {
        key: affected_periods(method, known if key in superseded else changed, last_year)
        for key, method in methods.items()
    }
    return affected, {key: rated_periods(methods[key], years, known) for key, years in affected.items()}
