"""Backs up and restores the warehouse in pg_dump's custom format, by the client of the server's version."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from sqlalchemy import URL, Connection, text
from sqlalchemy.exc import DBAPIError

from city_indicators.core.archive import Archive
from city_indicators.core.errors import WarehouseVersionError
from city_indicators.core.paths import PROJECT
from city_indicators.ingest.verify_archive import lacking
from city_indicators.warehouse.checksums import tables
from city_indicators.warehouse.database import engine, statement
from standalone import databases, postgres
from standalone.databases import WAREHOUSE
from standalone.errors import BackupError
from standalone.postgres import Server
from standalone.settings import POSTGRES_URL_VARIABLE, Settings
from standalone.stack import Stack

RESTORED = "warehouse_restored"
LEDGERS = {("ops", "load"), ("ops", "best_practice_load")}


def default_file(at: datetime) -> Path:
    """The default file of a backup: beside .local, because `make clean` removes that folder."""
    return PROJECT / "backups" / f"warehouse-{at:%Y%m%dT%H%M%SZ}.dump"


def size(path: Path) -> float:
    """Megabytes of a file, or of all files below a folder."""
    files = path.rglob("*") if path.is_dir() else [path]
    return sum(file.stat().st_size for file in files if file.is_file()) / 1e6


@contextmanager
def open_warehouse(settings: Settings) -> Iterator[URL]:
    """The warehouse, as its owner: of the running stack, else of a server that runs during the block.

    Raises:
        BackupError: there is no warehouse yet.
    """
    with postgres.serving(settings) as server:
        with _administration(server) as connection:
            if not connection.scalar(statement("admin/database_exists"), {"name": WAREHOUSE}):
                raise BackupError("there is no warehouse yet", "create one with `make demo` or `make start`")
        yield server.url(WAREHOUSE, "etl")


def back_up(warehouse: URL, file: Path) -> None:
    """Write a consistent snapshot of the warehouse to `file`; loads may continue meanwhile.

    Raises:
        BackupError: pg_dump failed; `file` is unchanged.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_name(file.name + ".part")
    part.unlink(missing_ok=True)
    # Created with mode 0600, so that only its owner can ever read it.
    os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        if fault := postgres.run("pg_dump", warehouse, "--format=custom", f"--file={part}"):
            raise BackupError(f"pg_dump failed:\n{fault}", "remove the cause, then try again")
        part.replace(file)
    finally:
        part.unlink(missing_ok=True)


def restore(settings: Settings, file: Path) -> str:
    """Restore the warehouse from `file` and upgrade it to the current schema; returns its `fit`.

    The file is restored to a second database, which replaces the empty warehouse once it is complete.

    Raises:
        AlreadyRunningError: the stack runs.
        BackupError: the warehouse has loads, or the file cannot be restored; nothing has changed.
    """
    if not file.is_file():
        raise BackupError(f"{file} is no file", "name the backup: `make restore FILE=…`")
    with Stack(settings) as stack:
        server = postgres.start(stack)
        databases.create(server)
        _refuse_loads(server, settings)
        with _administration(server) as connection:
            connection.execute(statement("admin/drop_restored"))
            connection.execute(statement("admin/create_restored"))
            try:
                _fill(server.url(RESTORED, "etl"), file)
                _put_in_place(connection)
            except BaseException:
                connection.execute(statement("admin/drop_restored"))
                raise
        return fit(server.url(WAREHOUSE, "etl"), settings.archive)


def fit(warehouse: URL, archive: Path) -> str:
    """Whether an archive has every file of the ledger, as a sentence; if not, with the next step."""
    lacks = lacking(engine(warehouse), Archive(archive))
    if not lacks:
        return f"The archive {archive} has every file of the ledger."
    return (
        f"The archive {archive} lacks {len(lacks)} files of the ledger, the first is {lacks[0]}. Next step: "
        "copy the archive that belongs to this warehouse there; then, in `make shell`, "
        "`python -m city_indicators archive verify` names what is still missing or damaged."
    )


def _refuse_loads(server: Server, settings: Settings) -> None:
    with engine(server.url(WAREHOUSE, "etl")).connect() as connection:
        for schema, table in LEDGERS.intersection(tables(connection)):
            if connection.scalar(text(f"select exists (select from {schema}.{table})")):  # noqa: S608
                aside = "rename its database `warehouse`"
                if server.embedded:
                    aside = f"move {settings.pgdata} aside (the archive beside it stays)"
                raise BackupError(
                    "the warehouse has loads, and a backup can only be restored to an empty one",
                    f"{aside}, or name another server by {POSTGRES_URL_VARIABLE}, then try again",
                )


def _fill(url: URL, file: Path) -> None:
    """Restore into an empty database, in one transaction, and upgrade it to the current schema."""
    options = ("--single-transaction", "--exit-on-error", "--no-owner")
    if fault := postgres.run("pg_restore", url, *options, str(file)):
        raise BackupError(f"{file} cannot be restored:\n{fault}", "nothing has changed; take another backup")
    try:
        databases.migrate_warehouse(url)
    except WarehouseVersionError as error:
        raise BackupError(
            f"{file} cannot be restored: its warehouse {error.fault}; nothing has changed", error.next_step
        ) from error


def _put_in_place(connection: Connection) -> None:
    try:
        connection.execute(statement("admin/drop_warehouse"))
    except DBAPIError as error:
        raise BackupError(
            f"the empty warehouse cannot be replaced: {error.orig}",
            "close its other sessions, then try again",
        ) from error
    connection.execute(statement("admin/rename_restored"))


@contextmanager
def _administration(server: Server) -> Iterator[Connection]:
    with engine(server.admin).execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        yield connection
