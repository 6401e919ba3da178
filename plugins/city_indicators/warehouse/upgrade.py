"""Upgrades the warehouse to the tables, views and functions of include/sql."""

from pathlib import Path

from sqlalchemy import URL, Connection, Row

from city_indicators.core.errors import NewerWarehouseError
from city_indicators.core.paths import SQL
from city_indicators.warehouse import objects
from city_indicators.warehouse.comments import comment
from city_indicators.warehouse.database import engine, script, statement
from city_indicators.warehouse.report_ddl import reconcile
from city_indicators.warehouse.report_tables import ReportTable, declarations, load_report_tables
from city_indicators.warehouse.takeover import take_over


def upgrade(url: URL, folder: Path = SQL) -> None:
    """Apply pending migrations to the database at `url` and create its views and functions anew.

    In between, the tables of schema report are altered to match include/sql/reports. Everything runs in one
    transaction. In a database that is up to date, only the comments (the data dictionary) are updated.
    The roles `etl`, `researcher` and `steward` must exist (include/sql/admin).

    Raises:
        WarehouseVersionError: the database is older than the baseline, newer than the files or altered.
        LockHeldError: a session holds a lock on a table for longer than an upgrade may wait.
    """
    texts = objects.read(folder)
    reports = load_report_tables(folder / "reports")
    digest = objects.digest([*texts, *declarations(folder / "reports")])
    files = migrations(folder / "schema")
    with engine(url).begin() as connection:
        connection.execute(statement("admin/wait_briefly"))
        current = _current_version(connection)
        if current is None or (current.version, current.objects) != (files[-1].stem, digest):
            _bring_forward(connection, current.version if current else None, files, texts, reports)
            parameters = {"version": files[-1].stem, "objects": digest}
            connection.execute(statement("admin/insert_schema_version"), parameters)
        comment(connection, folder / "dictionary", folder / "reports")


def migrations(folder: Path) -> list[Path]:
    """The baseline, which is a folder of files, and the later migrations, which are files, in order."""
    return sorted(path for path in folder.iterdir() if path.name[:4].isdigit())


def _current_version(connection: Connection) -> Row[tuple[str, str]] | None:
    """The schema version recorded by the last upgrade; None if there was none since the baseline."""
    if not connection.execute(statement("admin/has_schema_version")).scalar_one():
        return None
    return connection.execute(statement("admin/schema_version")).one()


def _bring_forward(
    connection: Connection,
    version: str | None,
    files: list[Path],
    texts: list[str],
    reports: dict[str, ReportTable],
) -> None:
    names = [file.stem for file in files]
    if version is None and take_over(connection, lambda: _make_tables(connection, files[:1], texts)):
        version = names[0]
    if version is not None and version not in names:
        raise NewerWarehouseError(version, names[-1])
    ratings = objects.drop(connection)
    _make_tables(connection, files if version is None else files[names.index(version) + 1 :], texts)
    with objects.naming_what_rests():
        reconcile(connection, reports)
    objects.make(connection, texts, ratings)


def _make_tables(connection: Connection, files: list[Path], texts: list[str]) -> None:
    """Run migrations and create the functions of their triggers."""
    script(connection, (SQL / "schema" / "schemas.sql").read_text(encoding="utf-8"))
    objects.make_trigger_functions(connection, texts)
    for migration in files:
        for file in sorted(migration.iterdir()) if migration.is_dir() else [migration]:
            script(connection, file.read_text(encoding="utf-8"))
