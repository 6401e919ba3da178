"""`.local` and everything below it is closed to other users of the machine, whoever runs the stack."""

import os
import pwd
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from standalone import postgres, shell
from standalone.settings import UMASK, Settings
from standalone.stack import Stack

RUNNER = """
import sys
from pathlib import Path
from sqlalchemy import create_engine
from standalone import databases, postgres
from standalone.processes import Launch
from standalone.settings import Settings
from standalone.stack import Stack

settings = Settings(home=Path(sys.argv[1]))
WRITE = '''
from pathlib import Path
home = Path.cwd().parent
for folder in ("archive", "inbox", "data_docs", "logs/tasks", "airflow"):
    made = home / folder
    made.mkdir(parents=True, exist_ok=True)
    (made / "written").write_text("a value")
print("written", flush=True)
import time
time.sleep(600)
'''
with Stack(settings) as stack:
    server = postgres.start(stack)
    with create_engine(server.admin).connect() as connection:
        connection.exec_driver_sql("select 1")
    log = settings.log_of("writer")
    stack.start(Launch("writer", [sys.executable, "-c", WRITE], log, {}))
    stack.wait_for("writer", lambda: "written" in log.read_text(), 60)
    print("ready", flush=True)
    stack.watch()
"""
ATTEMPT = """
import os, sys
paths = sys.stdin.read().split("\\0")
os.setgroups([])
os.setgid(int(sys.argv[2]))
os.setuid(int(sys.argv[1]))
for path in paths:
    for attempt in (os.listdir, lambda name: os.close(os.open(name, os.O_RDONLY))):
        try:
            attempt(path)
        except OSError:
            continue
        print(path)
"""


@pytest.fixture
def home(open_path: Path) -> Iterator[Path]:
    """The folder of a running stack that was made, open to all, by an older release."""
    # Only the folder itself is to protect what is in it.
    open_path.chmod(0o755)
    home = open_path / ".local"
    for folder in ("archive/ab", "logs", "airflow", "uv"):
        made = home / folder
        made.mkdir(parents=True)
        # Other tests may run a stack in this process, which takes the rights of others.
        for path in (made, *made.parents[: made.parents.index(open_path)]):
            path.chmod(0o755)
        (made / "old").write_text("an old value")
        (made / "old").chmod(0o644)
    (home / "archive" / "link").symlink_to(home / "logs" / "old")
    env = {**os.environ, "PYTHONPATH": str(Settings().plugins)}
    command = [sys.executable, "-c", RUNNER, str(home)]
    # Whoever starts the stack may be generous.
    runner = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=env, umask=0o000)
    assert runner.stdout
    assert runner.stdout.readline() == "ready\n"
    yield home
    runner.terminate()
    runner.wait()


def below(home: Path) -> list[Path]:
    """All that is in the folder of a running stack, which removes files meanwhile; `rglob` fails then."""
    found = (Path(folder, name) for folder, folders, files in os.walk(home) for name in (*folders, *files))
    return [home, *(path for path in found if not path.is_symlink())]


def open_to(rights: int, path: Path) -> bool:
    try:
        return bool(path.stat().st_mode & rights)
    except FileNotFoundError:
        return False


def test_no_other_user_may_open_anything(home: Path) -> None:
    paths = below(home)
    names = {path.name for path in paths}
    assert {
        "old",
        "written",
        "writer.log",
        "postgres.log",
        "PG_VERSION",
        "state.json",
        "runner.lock",
    } <= names
    assert len(paths) > 900
    # Of each path, some folder on the way down from .local is closed: what is in it cannot be reached.
    closed = {path for path in paths if not open_to(0o007, path)}
    assert [path for path in paths if path not in closed and not closed.intersection(path.parents)] == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can act as another user")
def test_another_user_opens_nothing(home: Path) -> None:
    nobody = pwd.getpwnam("nobody")
    paths = "\0".join(map(str, below(home)))
    command = [sys.executable, "-c", ATTEMPT, str(nobody.pw_uid), str(nobody.pw_gid)]
    done = subprocess.run(command, input=paths, capture_output=True, text=True, check=True)
    assert done.stdout == ""
    # The attempt itself succeeds where it may: the parent is open to all.
    parent = subprocess.run(command, input=str(home.parent), capture_output=True, text=True, check=True)
    assert parent.stdout.splitlines() == [str(home.parent)] * 2


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs PostgreSQL as another user")
def test_as_root_the_user_of_postgresql_passes_to_its_data_only(home: Path) -> None:
    entry = pwd.getpwnam(postgres.SYSTEM_USER)
    assert (home.stat().st_mode & 0o777, home.stat().st_gid) == (0o710, entry.pw_gid)
    paths = "\0".join(str(path) for path in below(home) if "pgdata" not in path.parts)
    command = [sys.executable, "-c", ATTEMPT, str(entry.pw_uid), str(entry.pw_gid)]
    done = subprocess.run(command, input=paths, capture_output=True, text=True, check=True)
    assert done.stdout == ""


def test_what_an_older_release_left_open_is_closed_one_by_one(home: Path) -> None:
    old = [path for path in below(home) if path.name == "old"]
    assert len(old) == 4
    assert not [path for path in old if open_to(UMASK, path)]
    assert (home / "archive" / "link").is_symlink()


def test_the_rights_of_others_are_taken_while_a_stack_runs(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        with Stack(Settings(home=tmp_path / ".local")):
            assert os.umask(UMASK) == UMASK
        assert os.umask(0o022) == 0o022
    finally:
        os.umask(before)


def test_a_shell_takes_the_rights_of_others(monkeypatch: pytest.MonkeyPatch) -> None:
    masks: list[int] = []
    monkeypatch.setattr(shell, "environment_of_running", lambda _: {})
    monkeypatch.setattr(os, "execve", lambda *_: masks.append(os.umask(0o022)))
    before = os.umask(0o022)
    shell.open_shell(Settings())
    os.umask(before)
    assert masks == [UMASK]
