"""A pytest session in a process of its own: records what each test runs, or runs chosen tests."""

import json
import math
import os
import re
import resource
import signal
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NoReturn

import pytest

OBJECT: Final = re.compile(r"\b(?:core|report|ops|quality|archive)\.\w+")
"""A table, view or function of the warehouse."""


OPTIONS: Final = ("-q", "-p", "no:cacheprovider", "-p", "no:xdist", "--tb=short")


class Recorder:
    """Records the lines, the statements and the objects of the warehouse that each test uses."""

    def __init__(self, folder: Path) -> None:
        from coverage import Coverage

        self._coverage = Coverage(data_file=None, source=[str(folder / "plugins/city_indicators")])
        self._current = ""
        self.tests: dict[str, dict[str, Any]] = defaultdict(
            lambda: {"seconds": 0.0, "passed": True, "lines": {}, "statements": set(), "objects": set()}
        )

    def pytest_sessionstart(self) -> None:
        from sqlalchemy import Engine, event

        event.listen(Engine, "before_cursor_execute", self._note)
        self._note_copied()
        self._coverage.start()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        self._current = item.nodeid
        self._coverage.switch_context(item.nodeid)
        return (yield)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Iterator[None]:
        # Of processors: on a busy machine the clock would make every test look slow.
        before = sum(os.times()[:4])
        try:
            return (yield)
        finally:
            self.tests[item.nodeid]["seconds"] += sum(os.times()[:4]) - before

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.tests[report.nodeid]["passed"] &= report.passed

    def _note(self, _connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        test = self.tests[self._current]
        test["statements"].add(statement.partition("\n")[0])
        test["objects"].update(OBJECT.findall(statement))

    def _note_copied(self) -> None:
        """Note the statements whose rows are read by COPY, of which SQLAlchemy knows nothing."""
        from psycopg import Cursor

        original = Cursor.copy

        def copy(cursor: Any, statement: Any, *more: Any, **named: Any) -> Any:
            self._note(None, cursor, str(statement).removeprefix("copy ("))
            return original(cursor, statement, *more, **named)

        Cursor.copy = copy  # type: ignore[method-assign]

    def write(self, folder: Path, target: Path) -> None:
        """Write the record of the session as JSON; lines by file."""
        self._coverage.stop()
        data = self._coverage.get_data()
        for file in data.measured_files():
            name = str(Path(file).relative_to(folder))
            for line, tests in (data.contexts_by_lineno(file) or {}).items():
                for test in tests:
                    if test in self.tests:
                        self.tests[test]["lines"].setdefault(name, []).append(line)
        target.write_text(json.dumps(self.tests, default=sorted), encoding="utf-8")


class Chosen:
    """Runs only the chosen tests, in the given order, and notes the one that fails."""

    def __init__(self, tests: list[str]) -> None:
        self._order = {test: position for position, test in enumerate(tests)}
        self.failed = ""

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        chosen = [item for item in items if item.nodeid in self._order]
        items[:] = sorted(chosen, key=lambda item: self._order[item.nodeid])

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed and not self.failed:
            self.failed = report.nodeid


def record(folder: Path, server: str, test_file: str, target: Path) -> NoReturn:
    """Run a test file and write what its tests use; ends the process."""
    _enter(folder, server, target)
    recorder = Recorder(folder)
    pytest.main([test_file, *OPTIONS], plugins=[recorder])
    recorder.write(folder, target)
    os._exit(0)


def run(folder: Path, server: str, tests: list[str], seconds: float, target: Path) -> NoReturn:
    """Run tests until one fails, and write which; ends the process, with 0 if none fails.

    After so many seconds of processor the system ends it.
    """
    resource.setrlimit(resource.RLIMIT_CPU, (math.ceil(seconds), math.ceil(seconds) + 1))
    # The file that differs must not leave compiled code behind.
    sys.dont_write_bytecode = True
    _enter(folder, server, target)
    chosen = Chosen(tests)
    files = dict.fromkeys(test.partition("::")[0] for test in tests)
    code = pytest.main([*files, "-x", *OPTIONS], plugins=[chosen])
    target.write_text(chosen.failed, encoding="utf-8")
    os._exit(code)


def _enter(folder: Path, server: str, target: Path) -> None:
    """Make a copy of the project the place of this process, and a file beside the target its output."""
    os.setsid()
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    os.chdir(folder)
    sys.path[:0] = [str(folder), str(folder / "plugins")]
    for name in [name for name in sys.modules if name.partition(".")[0] == "tests"]:
        del sys.modules[name]
    temporary = folder.parent / "tmp"
    os.environ["TMPDIR"] = str(temporary)
    tempfile.tempdir = None
    with target.with_suffix(".log").open("wb") as log:
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)
    _use(server)


def _use(server: str) -> None:
    """Let the session take the running server for the embedded one that it would start."""
    from sqlalchemy import make_url

    from standalone import postgres

    running = postgres.Server(make_url(server), embedded=True)
    vars(postgres).update(embedded=lambda _: running, start=lambda _: running)
