"""Brings the warehouse to the tables, views and functions of include/sql."""

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
    """Apply the migrations that the database at `url` has not seen, and make its views and functions anew.

    In between, the tables of schema report become those that include/sql/reports declares. All of it or
    nothing, in one transaction; a database that is up to date is left alone but for its comments (the data
    dictionary), which are made those of the files.
    The roles `etl`, `researcher` and `steward` must exist (include/sql/admin).

    Raises:
        WarehouseVersionError: the database is older than the baseline, newer than the files or altered.
        LockHeldError: somebody holds a table for longer than everybody else should wait behind an upgrade.
    """
    texts = objects.read(folder)
    reports = load_report_tables(folder / "reports")
    digest = objects.digest([*texts, *declarations(folder / "reports")])
    files = migrations(folder / "schema")
    with engine(url).begin() as connection:
        connection.execute(statement("admin/wait_briefly"))
        held = _held(connection)
        if held is None or (held.version, held.objects) != (files[-1].stem, digest):
            _bring_forward(connection, held.version if held else None, files, texts, reports)
            parameters = {"version": files[-1].stem, "objects": digest}
            connection.execute(statement("admin/insert_schema_version"), parameters)
        comment(connection, folder / "dictionary", folder / "reports")


def migrations(folder: Path) -> list[Path]:
    """The baseline, a folder of files, and the migrations after it, each a file, in order."""
    return sorted(path for path in folder.iterdir() if path.name[:4].isdigit())


def _held(connection: Connection) -> Row[tuple[str, str]] | None:
    """What the last upgrade of the database came to; None if there was none since the baseline."""
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
    """Run migrations, with the functions of their triggers."""
    script(connection, (SQL / "schema" / "schemas.sql").read_text(encoding="utf-8"))
    objects.make_trigger_functions(connection, texts)
    for migration in files:
        for file in sorted(migration.iterdir()) if migration.is_dir() else [migration]:
            script(connection, file.read_text(encoding="utf-8"))
