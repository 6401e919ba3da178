"""Backup and restore of a warehouse; a damaged backup restores nothing."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from sqlalchemy import URL, create_engine, text
from sqlalchemy.exc import DBAPIError

from city_indicators.reports.refresh import refresh
from city_indicators.warehouse.checksums import Checksum, checksums
from standalone import __main__ as command_line
from standalone import backup, databases, postgres
from standalone.errors import BackupError
from standalone.postgres import Server
from standalone.settings import POSTGRES_URL_VARIABLE, Settings
from standalone.stack import Stack
from tests.methods import METHODS, RESEARCH
from tests.warehouse.conftest import Publisher
from tests.warehouse.test_publish import MANY

BEFORE_BASELINE = Path(__file__).parent / "before_baseline.dump"


@pytest.fixture(scope="module")
def second_server() -> Iterator[Server]:
    """Another PostgreSQL server, fresh from initdb."""
    with (
        TemporaryDirectory(prefix="ci-test-") as home,
        pytest.MonkeyPatch.context() as patch,
        Stack(Settings(home=Path(home))) as stack,
    ):
        patch.delenv(POSTGRES_URL_VARIABLE, raising=False)
        yield postgres.start(stack)


@pytest.fixture
def second(second_server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    """Settings of a server given by its URL and without a warehouse, for one test."""
    address = second_server.admin.render_as_string(hide_password=False)
    monkeypatch.setenv(POSTGRES_URL_VARIABLE, address)
    yield Settings(home=tmp_path / "second")
    run_sql(second_server.admin, "drop database if exists warehouse with (force)")


@pytest.fixture(scope="module")
def warehouse_url(server: Server) -> Iterator[URL]:
    """A warehouse with loads, versions, a rejected row and a rating; the tests do not change it."""
    run_sql(server.admin, f"create database saved template {databases.WAREHOUSE} owner etl")
    url = server.url("saved", "etl")
    engine = create_engine(url)
    with TemporaryDirectory() as folder:
        publisher = Publisher(engine, Path(folder))
        publisher.load(MANY)
        publisher.publish(publisher.validate({**MANY, "BRA": 1234.5678901234567, "RUS": -5}))
    refresh(engine, METHODS, RESEARCH, datetime(2026, 2, 1, tzinfo=UTC))
    engine.dispose()
    yield url
    run_sql(server.admin, "drop database saved with (force)")


@pytest.fixture
def saved(warehouse_url: URL, tmp_path: Path) -> Path:
    """The backup of that warehouse."""
    file = tmp_path / "kept" / "warehouse.dump"
    backup.back_up(warehouse_url, file)
    assert [entry.name for entry in file.parent.iterdir()] == ["warehouse.dump"]
    assert file.stat().st_mode & 0o777 == 0o600
    return file


def run_sql(url: URL, statement: str) -> list[tuple[object, ...]]:
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        answer = connection.execute(text(statement))
        rows = [tuple(row) for row in answer] if answer.returns_rows else []
    engine.dispose()
    return rows


def stored(settings: Settings) -> list[Checksum]:
    with backup.open_warehouse(settings) as url:
        return checksums(url)


def database_names(server: Server) -> list[object]:
    return [name for (name,) in run_sql(server.admin, "select datname from pg_database order by 1")]


def test_restores_everything_on_an_empty_server(saved: Path, warehouse_url: URL, second: Settings) -> None:
    before = checksums(warehouse_url)
    backup.restore(second, saved)
    assert stored(second) == before
    rows = {checksum.table: checksum.rows for checksum in before}
    assert rows["report.rating"] == 48
    assert rows["core.observation_version"] == 13
    assert rows["ops.load"] == 2
    assert rows["quality.rejected_row"] == 1


def test_a_restored_warehouse_can_be_used(saved: Path, second: Settings, second_server: Server) -> None:
    """Sequences continue, the append-only guard works, and researchers can read."""
    backup.restore(second, saved)
    owner = second_server.url("warehouse", "etl")
    assert run_sql(owner, "select nextval('ops.load_load_id_seq')") == [(3,)]
    with pytest.raises(DBAPIError, match="append-only"):
        run_sql(owner, "delete from core.observation_version")
    researcher = second_server.url("warehouse", "researcher")
    assert run_sql(researcher, "select count(*) from core.observation") == [(12,)]
    with pytest.raises(DBAPIError, match="permission denied"):
        run_sql(researcher, "select count(*) from ops.load")


def test_a_warehouse_with_loads_is_never_overwritten(saved: Path, second: Settings) -> None:
    backup.restore(second, saved)
    before = stored(second)
    with pytest.raises(BackupError, match=r"has loads.*\nNext step: .*then try again"):
        backup.restore(second, saved)
    assert stored(second) == before


@pytest.mark.parametrize("damage", ["cut off", "altered", "something else"])
def test_a_damaged_backup_restores_nothing(
    damage: str, saved: Path, warehouse_url: URL, second: Settings, second_server: Server
) -> None:
    databases.create(second_server)
    names = database_names(second_server)
    complete = saved.read_bytes()
    position = len(complete) - 4000
    damaged = {
        "cut off": complete[:-2000],
        "altered": bytes(byte ^ (position < at < position + 64) for at, byte in enumerate(complete)),
        "something else": b"not a backup",
    }
    saved.write_bytes(damaged[damage])
    with pytest.raises(BackupError, match=r"cannot be restored[\s\S]*Next step: nothing has changed"):
        backup.restore(second, saved)
    assert database_names(second_server) == names
    assert stored(second) == []
    saved.write_bytes(complete)
    backup.restore(second, saved)
    assert stored(second) == checksums(warehouse_url)


def test_upgrades_a_backup_from_before_the_baseline(
    second: Settings, second_server: Server, warehouse_url: URL
) -> None:
    backup.restore(second, BEFORE_BASELINE)
    owner = second_server.url("warehouse", "etl")
    version = "select version, objects from ops.schema_version"
    assert run_sql(owner, version) == run_sql(warehouse_url, version)
    assert run_sql(owner, "select obs_value from core.observation") == [(0.30000000000000004,)]
    assert run_sql(owner, "select count(*) from catalog.city") == [(48,)]


def test_refuses_a_backup_of_a_newer_release(
    saved: Path, second: Settings, second_server: Server, tmp_path: Path
) -> None:
    backup.restore(second, saved)
    owner = second_server.url("warehouse", "etl")
    run_sql(owner, "update ops.schema_version set version = '9999_later'")
    backup.back_up(owner, tmp_path / "new.dump")
    run_sql(second_server.admin, "drop database warehouse")
    with pytest.raises(BackupError, match=r"is at version 9999_later[\s\S]*Next step: .*deploy the release"):
        backup.restore(second, tmp_path / "new.dump")
    assert stored(second) == []


def test_a_failed_backup_keeps_the_previous_one(saved: Path, warehouse_url: URL) -> None:
    before = saved.read_bytes()
    with pytest.raises(BackupError, match="pg_dump failed"):
        backup.back_up(warehouse_url.set(database="absent"), saved)
    assert saved.read_bytes() == before
    assert [entry.name for entry in saved.parent.iterdir()] == ["warehouse.dump"]


def test_a_checksum_depends_on_values_and_not_on_row_order(
    saved: Path, second: Settings, second_server: Server
) -> None:
    def of(rows: str) -> str:
        run_sql(owner, "drop table if exists report.specimen")
        run_sql(owner, f"create table report.specimen as select * from (values {rows}) as row (a, b, c, d)")  # noqa: S608
        return {c.table: c.checksum for c in checksums(owner)}["report.specimen"]

    backup.restore(second, saved)
    owner = second_server.url("warehouse", "etl")
    one, other = "('A', '2019', 2, 3)", "('B', '2019', 2, 3)"
    first = of(f"{one}, {other}")
    assert of(f"{other}, {one}") == first
    assert len({first, of(one), of(other), of(f"{one}, {other.replace('2, 3', '2, 4')}")}) == 4


def first_of(output: str) -> str:
    """The first file that the archive lacks, as a command printed it."""
    return output.partition("the first is ")[2][:64]


def test_the_commands_of_a_checkout(
    saved: Path,
    warehouse_url: URL,
    open_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    settings = Settings(home=open_path / "home")
    monkeypatch.delenv(POSTGRES_URL_VARIABLE, raising=False)
    monkeypatch.setattr(command_line, "Settings", lambda: settings)

    def run(*arguments: str) -> tuple[int, str]:
        code = command_line.main(list(arguments))
        printed = capsys.readouterr()
        return code, printed.out + printed.err

    copy = str(open_path / "copy.dump")
    code, output = run("backup", copy)
    assert (code, Path(copy).exists()) == (1, False)
    assert "there is no warehouse yet" in output
    assert run("restore", str(open_path / "absent.dump"))[0] == 1
    code, output = run("restore", str(saved))
    assert code == 0
    held = run_sql(warehouse_url, "select min(sha256), count(*) from archive.snapshot")
    assert held == [(first_of(output), 2)]
    assert f"The archive {settings.archive} lacks 2 files of the ledger" in output
    assert "Next step: copy the archive that belongs to this warehouse there" in output
    (settings.archive / "body").write_bytes(b"x" * 2_500_000)
    code, output = run("backup", copy)
    assert code == 0
    assert f"{settings.archive}, 2.5 MB" in output
    assert first_of(output) == held[0][0]
    lines = [f"{c.table} {c.rows} {c.checksum}" for c in checksums(warehouse_url)]
    with Stack(settings) as stack:
        postgres.start(stack)
        code, output = run("checksums")
        assert (code, output.splitlines()) == (0, lines)
        code, output = run("restore", copy)
        assert (code, "running already" in output) == (1, True)
        assert run("backup", copy)[0] == 0
    code, output = run("restore", copy)
    assert code == 1
    assert f"move {settings.pgdata} aside" in output
    with pytest.raises(SystemExit):
        command_line.main(["restore"])
