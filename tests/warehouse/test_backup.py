"""A warehouse comes back from its backup as it was, and nothing of a bad one ever shows."""

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
    """Another PostgreSQL, as initdb leaves it."""
    with (
        TemporaryDirectory(prefix="ci-test-") as home,
        pytest.MonkeyPatch.context() as patch,
        Stack(Settings(home=Path(home))) as stack,
    ):
        patch.delenv(POSTGRES_URL_VARIABLE, raising=False)
        yield postgres.start(stack)


@pytest.fixture
def second(second_server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    """Settings whose server is given by its address and holds no warehouse, for one test alone."""
    address = second_server.admin.render_as_string(hide_password=False)
    monkeypatch.setenv(POSTGRES_URL_VARIABLE, address)
    yield Settings(home=tmp_path / "second")
    ask(second_server.admin, "drop database if exists warehouse with (force)")


@pytest.fixture(scope="module")
def warehouse_url(server: Server) -> Iterator[URL]:
    """A warehouse with loads, versions, a rejected row and a rating; no test of this module changes it."""
    ask(server.admin, f"create database saved template {databases.WAREHOUSE} owner etl")
    url = server.url("saved", "etl")
    engine = create_engine(url)
    with TemporaryDirectory() as folder:
        publisher = Publisher(engine, Path(folder))
        publisher.say(MANY)
        publisher.publish(publisher.validate({**MANY, "BRA": 1234.5678901234567, "RUS": -5}))
    refresh(engine, METHODS, RESEARCH, datetime(2026, 2, 1, tzinfo=UTC))
    engine.dispose()
    yield url
    ask(server.admin, "drop database saved with (force)")


@pytest.fixture
def saved(warehouse_url: URL, tmp_path: Path) -> Path:
    """The backup of that warehouse."""
    file = tmp_path / "kept" / "warehouse.dump"
    backup.back_up(warehouse_url, file)
    assert [entry.name for entry in file.parent.iterdir()] == ["warehouse.dump"]
    assert file.stat().st_mode & 0o777 == 0o600
    return file


def ask(url: URL, question: str) -> list[tuple[object, ...]]:
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        answer = connection.execute(text(question))
        rows = [tuple(row) for row in answer] if answer.returns_rows else []
    engine.dispose()
    return rows


def held(settings: Settings) -> list[Checksum]:
    with backup.open_warehouse(settings) as url:
        return checksums(url)


def database_names(server: Server) -> list[object]:
    return [name for (name,) in ask(server.admin, "select datname from pg_database order by 1")]


def test_an_empty_server_gets_all_of_it_back(saved: Path, warehouse_url: URL, second: Settings) -> None:
    before = checksums(warehouse_url)
    backup.restore(second, saved)
    assert held(second) == before
    rows = {checksum.table: checksum.rows for checksum in before}
    assert rows["report.rating"] == 48
    assert rows["core.observation_version"] == 13
    assert rows["ops.load"] == 2
    assert rows["quality.rejected_row"] == 1


def test_what_is_restored_goes_on(saved: Path, second: Settings, second_server: Server) -> None:
    """Numbers are given on from where they were, the guard against changes holds, and researchers read."""
    backup.restore(second, saved)
    owner = second_server.url("warehouse", "etl")
    assert ask(owner, "select nextval('ops.load_load_id_seq')") == [(3,)]
    with pytest.raises(DBAPIError, match="append-only"):
        ask(owner, "delete from core.observation_version")
    researcher = second_server.url("warehouse", "researcher")
    assert ask(researcher, "select count(*) from core.observation") == [(12,)]
    with pytest.raises(DBAPIError, match="permission denied"):
        ask(researcher, "select count(*) from ops.load")


def test_a_warehouse_with_loads_is_never_overwritten(saved: Path, second: Settings) -> None:
    backup.restore(second, saved)
    before = held(second)
    with pytest.raises(BackupError, match=r"has loads.*\nNext step: .*then try again"):
        backup.restore(second, saved)
    assert held(second) == before


@pytest.mark.parametrize("damage", ["cut off", "altered", "something else"])
def test_a_damaged_backup_leaves_nothing(
    damage: str, saved: Path, warehouse_url: URL, second: Settings, second_server: Server
) -> None:
    databases.create(second_server)
    names = database_names(second_server)
    whole = saved.read_bytes()
    observations = len(whole) - 4000
    damaged = {
        "cut off": whole[:-2000],
        "altered": bytes(byte ^ (observations < at < observations + 64) for at, byte in enumerate(whole)),
        "something else": b"not a backup",
    }
    saved.write_bytes(damaged[damage])
    with pytest.raises(BackupError, match=r"cannot be restored[\s\S]*Next step: nothing has changed"):
        backup.restore(second, saved)
    assert database_names(second_server) == names
    assert held(second) == []
    saved.write_bytes(whole)
    backup.restore(second, saved)
    assert held(second) == checksums(warehouse_url)


def test_a_backup_from_before_the_baseline_is_brought_forward(
    second: Settings, second_server: Server, warehouse_url: URL
) -> None:
    backup.restore(second, BEFORE_BASELINE)
    owner = second_server.url("warehouse", "etl")
    version = "select version, objects from ops.schema_version"
    assert ask(owner, version) == ask(warehouse_url, version)
    assert ask(owner, "select obs_value from core.observation") == [(0.30000000000000004,)]
    assert ask(owner, "select count(*) from catalog.city") == [(48,)]


def test_a_backup_of_a_newer_release_is_refused(
    saved: Path, second: Settings, second_server: Server, tmp_path: Path
) -> None:
    backup.restore(second, saved)
    owner = second_server.url("warehouse", "etl")
    ask(owner, "update ops.schema_version set version = '9999_later'")
    backup.back_up(owner, tmp_path / "new.dump")
    ask(second_server.admin, "drop database warehouse")
    with pytest.raises(BackupError, match=r"is at version 9999_later[\s\S]*Next step: .*deploy the release"):
        backup.restore(second, tmp_path / "new.dump")
    assert held(second) == []


def test_a_backup_that_fails_keeps_the_one_before(saved: Path, warehouse_url: URL) -> None:
    before = saved.read_bytes()
    with pytest.raises(BackupError, match="pg_dump failed"):
        backup.back_up(warehouse_url.set(database="absent"), saved)
    assert saved.read_bytes() == before
    assert [entry.name for entry in saved.parent.iterdir()] == ["warehouse.dump"]


def test_a_checksum_tells_values_apart_and_not_the_order_of_rows(
    saved: Path, second: Settings, second_server: Server
) -> None:
    def of(rows: str) -> str:
        ask(owner, "drop table if exists report.specimen")
        ask(owner, f"create table report.specimen as select * from (values {rows}) as row (a, b, c, d)")  # noqa: S608
        return {c.table: c.checksum for c in checksums(owner)}["report.specimen"]

    backup.restore(second, saved)
    owner = second_server.url("warehouse", "etl")
    one, other = "('A', '2019', 2, 3)", "('B', '2019', 2, 3)"
    first = of(f"{one}, {other}")
    assert of(f"{other}, {one}") == first
    assert len({first, of(one), of(other), of(f"{one}, {other.replace('2, 3', '2, 4')}")}) == 4


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
    code, said = run("backup", copy)
    assert (code, Path(copy).exists()) == (1, False)
    assert "there is no warehouse yet" in said
    assert run("restore", str(open_path / "absent.dump"))[0] == 1
    assert run("restore", str(saved))[0] == 0
    (settings.archive / "body").write_bytes(b"x" * 2_500_000)
    code, said = run("backup", copy)
    assert code == 0
    assert f"{settings.archive}, 2.5 MB" in said
    lines = [f"{c.table} {c.rows} {c.checksum}" for c in checksums(warehouse_url)]
    with Stack(settings) as stack:
        postgres.start(stack)
        code, said = run("checksums")
        assert (code, said.splitlines()) == (0, lines)
        code, said = run("restore", copy)
        assert (code, "running already" in said) == (1, True)
        assert run("backup", copy)[0] == 0
    code, said = run("restore", copy)
    assert code == 1
    assert f"move {settings.pgdata} aside" in said
    with pytest.raises(SystemExit):
        command_line.main(["restore"])
