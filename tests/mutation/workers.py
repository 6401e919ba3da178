"""Workers run test sessions beside each other, each in a copy of the project and with its own PostgreSQL."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NoReturn

import psycopg

from tests import memory
from tests.mutation.mutants import PROJECT

FIRST_RANGE = 8
"""The first range of ports, after those of the processes of a test session."""
SERVER = """
import sys
from pathlib import Path
from standalone.postgres import serving
from standalone.settings import Settings

settings = Settings(home=Path(sys.argv[1]))
settings.make_folders()
with serving(settings) as server:
    print(server.admin.render_as_string(hide_password=False), flush=True)
    sys.stdin.read()
"""


@dataclass
class Worker:
    """A copy of the project, the address of a server, and a number that stands for a range of ports."""

    folder: Path
    server: str
    number: int

    @contextmanager
    def changed(self, file: str, content: str) -> Iterator[None]:
        """The copy with another content of a file."""
        target = self.folder / file
        before, times = target.read_bytes(), target.stat()
        target.write_text(content, encoding="utf-8")
        # Another time than that of the original, or compiled code of it would be used.
        os.utime(target, (times.st_atime, times.st_mtime + 10))
        try:
            yield
        finally:
            target.write_bytes(before)
            os.utime(target, ns=(times.st_atime_ns, times.st_mtime_ns))

    def clear(self) -> None:
        """Remove what the previous session left: databases and temporary files."""
        with psycopg.connect(self.server.replace("+psycopg", ""), autocommit=True) as connection:
            own = "select datname from pg_database where datname <> 'postgres' and not datistemplate"
            for (name,) in connection.execute(own).fetchall():
                connection.execute(f'drop database "{name}" with (force)')
        temporary = self.folder.parent / "tmp"
        shutil.rmtree(temporary, ignore_errors=True)
        temporary.mkdir()
        temporary.chmod(0o777)


@dataclass
class Job:
    """A session to run: `start` is called in a new process, `done` afterwards with its exit code.

    The code is None if the session took longer than `seconds`. `change` is a file and its content for it.
    """

    start: Callable[[Worker, Path], NoReturn]
    done: Callable[[int | None, str], None]
    seconds: float
    change: tuple[str, str] | None = None


@dataclass
class Running:
    """A job in a process."""

    job: Job
    pid: int
    until: float
    target: Path
    ending: ExitStack = field(default_factory=ExitStack)


@contextmanager
def workers(count: int) -> Iterator[list[Worker]]:
    """Start workers; everything of them is removed at the end."""
    with ExitStack() as stack:
        yield [stack.enter_context(_worker(number)) for number in range(count)]


@contextmanager
def _worker(number: int) -> Iterator[Worker]:
    with TemporaryDirectory(prefix="ci-mutation-", dir=memory.folder()) as name:
        home = Path(name)
        home.chmod(0o755)
        folder = home / "project"
        listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        files = subprocess.run(listed, cwd=PROJECT, check=True, capture_output=True, text=True)
        for file in filter(None, files.stdout.split("\0")):
            if (PROJECT / file).is_file():
                (folder / file).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(PROJECT / file, folder / file)
        if (PROJECT.parent / "shared").is_dir():
            (home / "shared").symlink_to(PROJECT.parent / "shared")
        command = [sys.executable, "-c", SERVER, str(home / "server")]
        environment = {**os.environ, "PYTHONPATH": f"{PROJECT}/plugins:{PROJECT}"}
        pipe = subprocess.PIPE
        with subprocess.Popen(command, stdin=pipe, stdout=pipe, env=environment, text=True) as process:
            assert process.stdin is not None
            assert process.stdout is not None
            yield Worker(folder, process.stdout.readline().strip(), number)
            process.stdin.close()


def run(jobs: Iterable[Job], at_work: list[Worker]) -> None:
    """Run all jobs, one at a time by each worker."""
    waiting = iter(jobs)
    running: dict[int, Running] = {}
    idle = list(range(len(at_work)))
    try:
        while True:
            while idle and (job := next(waiting, None)):
                number = idle.pop()
                running[number] = _started(job, at_work[number])
            if not running:
                return
            time.sleep(0.02)
            for number, one in list(running.items()):
                if _has_ended(one):
                    del running[number]
                    idle.append(number)
    finally:
        for one in running.values():
            os.killpg(one.pid, signal.SIGKILL)
            one.ending.close()


def _started(job: Job, worker: Worker) -> Running:
    worker.clear()
    target = worker.folder.parent / "result"
    target.unlink(missing_ok=True)
    ending = ExitStack()
    if job.change:
        ending.enter_context(worker.changed(*job.change))
    pid = os.fork()
    if not pid:
        os.environ["PYTEST_XDIST_WORKER"] = f"gw{FIRST_RANGE + worker.number}"
        try:
            job.start(worker, target)
        finally:
            os._exit(70)
    return Running(job, pid, time.monotonic() + job.seconds, target, ending)


def _has_ended(one: Running) -> bool:
    pid, status = os.waitpid(one.pid, os.WNOHANG)
    code = os.waitstatus_to_exitcode(status) if pid else None
    if not pid:
        if time.monotonic() < one.until:
            return False
        os.killpg(one.pid, signal.SIGKILL)
        os.waitpid(one.pid, 0)
    one.ending.close()
    one.job.done(code, one.target.read_text(encoding="utf-8") if one.target.exists() else "")
    return True
