"""Selects what to export: tables and views of schema report, sets of them, or the observations."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    MetaData,
    Row,
    Select,
    Table,
    func,
    literal,
    select,
)
from sqlalchemy.dialects.postgresql import JSON

from city_indicators.core.errors import UnknownExportError
from city_indicators.delivery.exports.conditions import matching, pair
from city_indicators.delivery.exports.fields import Field, fields
from city_indicators.warehouse.database import statement

REPORT: Final = "report"
OBSERVATIONS: Final = "observations"
OBSERVATION: Final = "core.observation"
"""The view that is exported as OBSERVATIONS."""

RATING_TABLES: Final = ("rating", "rating_pillar", "rating_indicator")
EDITION_TABLES: Final = (
    *("edition", "edition_rating", "edition_rating_pillar", "edition_rating_indicator"),
    *("edition_megatrend", "edition_city_peer", "edition_best_practice_evidence"),
    *("edition_name", "edition_source"),
)

SETS: Final = {"ratings": RATING_TABLES, "edition": EDITION_TABLES}
"""Tables that are exported together, under one condition. A table of the same name is `report.<name>`."""

BATCH: Final = 2000

_DESCRIBED: Final[dict[str, MetaData]] = {}
"""The latest description of what can be exported, by its digest: reading it takes hundreds of queries."""


@dataclass(frozen=True)
class Part:
    """The exported rows of one table: those that meet a condition, or `limit` of them after `offset`."""

    table: Table
    condition: ColumnElement[bool]
    offset: int = 0
    limit: int | None = None

    @property
    def name(self) -> str:
        """The table's name without its schema."""
        return self.table.name

    @property
    def fields(self) -> list[Field]:
        """The columns that are exported."""
        return fields(self.table)

    def rows(self, columns: Iterable[ColumnElement[Any]], by_rank: bool = False) -> Select[Any]:
        """The statement that reads `columns`, always in the same order of rows.

        This is the order of the key. `by_rank` places cities by their rank, if the table has one.
        """
        # A view has no key, and JSON cannot be ordered.
        plain = [column for column in self.table.columns if not isinstance(column.type, JSON)]
        order = list(self.table.primary_key.columns) or plain
        names = [column.name for column in order]
        if by_rank and "rank" in self.table.columns and "ref_area" in names:
            order.insert(names.index("ref_area"), self.table.columns["rank"])
        chosen = select(*columns).where(self.condition).order_by(*order)
        return chosen.offset(self.offset or None).limit(self.limit)

    def count(self, connection: Connection) -> int:
        """How many rows there are."""
        counted = select(func.count()).select_from(self.table).where(self.condition)
        return int(connection.execute(counted).scalar_one())

    def exceeds(self, connection: Connection, limit: int) -> bool:
        """Whether there are more rows than `limit`. Counts no further than that."""
        most = limit + 1 if self.limit is None else min(limit + 1, self.limit)
        rows = select(literal(1)).select_from(self.table).where(self.condition)
        some = rows.offset(self.offset or None).limit(most).subquery()
        return int(connection.execute(select(func.count()).select_from(some)).scalar_one()) > limit

    def maximum(self, connection: Connection, column: str) -> Any:
        """The greatest value of a column, None if there is no such column or no value."""
        if column not in self.table.columns:
            return None
        return connection.scalar(select(func.max(self.table.columns[column])).where(self.condition))

    def distinct(self, connection: Connection, column: str) -> list[Any]:
        """The values of a column, each once and in order; none if there is no such column."""
        if column not in self.table.columns:
            return []
        values = self.table.columns[column]
        found = select(values).where(self.condition, values.is_not(None)).distinct().order_by(values)
        return list(connection.scalars(found))


@dataclass(frozen=True)
class Export:
    """The tables of an export, and the conditions that their rows meet."""

    name: str
    parts: tuple[Part, ...]
    where: tuple[tuple[str, str], ...]


@contextmanager
def reading(warehouse: Engine) -> Iterator[Connection]:
    """A read-only connection with one consistent snapshot of the warehouse and times in UTC."""
    options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    with warehouse.connect().execution_options(**options) as connection:
        connection.exec_driver_sql("set local time zone 'UTC'")
        yield connection


def report_tables(connection: Connection) -> dict[str, Table]:
    """The tables and views of schema report by name, as the database describes them."""
    found = (table for table in _described(connection).tables.values() if table.schema == REPORT)
    return {table.name: table for table in sorted(found, key=lambda table: table.name)}


def choose(connection: Connection, name: str, conditions: Sequence[str]) -> Export:
    """The export that a name and conditions such as "time_period=2022" describe.

    Raises:
        UnknownExportError: there is nothing of this name.
        ExportError: a condition is none, names a column that a table has not, or a value of another type.
    """
    where = tuple(pair(name, condition) for condition in conditions)
    tables = _tables(connection, name)
    return Export(name, tuple(Part(table, matching(name, table, where)) for table in tables), where)


def batches(connection: Connection, statement: Select[Any]) -> Iterator[Sequence[Row[Any]]]:
    """The rows in batches from a server-side cursor, so that memory does not grow with their number."""
    with connection.execute(statement, execution_options={"yield_per": BATCH}) as result:
        yield from result.partitions()


def _tables(connection: Connection, name: str) -> list[Table]:
    known = _described(connection).tables
    reports = SETS.get(name, (name.removeprefix(f"{REPORT}."),))
    wanted = [OBSERVATION] if name == OBSERVATIONS else [f"{REPORT}.{table}" for table in reports]
    if absent := [table for table in wanted if table not in known]:
        choice = ", ".join([*SETS, OBSERVATIONS, *report_tables(connection)])
        raise UnknownExportError(name, f"the warehouse has no {', '.join(absent)}", f"name one of {choice}")
    return [known[table] for table in wanted]


def _described(connection: Connection) -> MetaData:
    """The tables and views that can be exported, reflected again only after they changed."""
    digest = str(connection.execute(statement("export/described")).scalar_one())
    known = _DESCRIBED.get(digest)
    if known is None:
        known = MetaData()
        # Without the tables of other schemas that foreign keys refer to.
        known.reflect(connection, schema=REPORT, views=True, resolve_fks=False)
        schema, _, view = OBSERVATION.partition(".")
        known.reflect(
            connection, schema=schema, views=True, resolve_fks=False, only=lambda name, _: name == view
        )
        _DESCRIBED.clear()
        _DESCRIBED[digest] = known
    return known
