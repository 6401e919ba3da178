"""Chooses the tests of a mutant: those that run its line or statement, the nearest and fastest first."""

import ast
import hashlib
import json
import re
from functools import cache
from pathlib import Path
from typing import Any, Final

from tests.mutation.mutants import PROJECT, Mutant, original
from tests.mutation.session import OBJECT, record
from tests.mutation.workers import Job, Worker

RECORD: Final = PROJECT / "build" / "mutation" / "tests.json"
SECONDS_OF_TESTS: Final = 180.0
"""Of a mutant, tests are run that take at most so much processor time; recording makes them slower."""
SECONDS_OF_A_FILE: Final = 900.0
SQL: Final = "include/sql"
USED: Final = {".py", ".sql", ".yaml", ".csv", ".json"}
CALLED_BY_NAME: Final = {"report.lineage_of_": "report.underlying_observations"}
"""Functions whose names are composed, and the function that calls them."""

Record = dict[str, dict[str, Any]]


def digest(file: str) -> str:
    """The sha256 of a test file and of all that it may use; the record is true while it is the same."""
    content = PROJECT.joinpath(file).read_bytes()
    return hashlib.sha256(content + _surroundings()).hexdigest()[:16]


@cache
def _surroundings() -> bytes:
    """A digest of the library, its SQL and catalogue, and of the modules that tests share."""
    folders = ("plugins", "include", "standalone", "demo/mock_sources", "tests")
    found = (path for folder in folders for path in PROJECT.joinpath(folder).rglob("*") if path.is_file())
    used = (path for path in found if path.suffix in USED and path.name[:5] != "test_")
    own = Path(__file__).parent
    files = sorted(path for path in used if own not in path.parents)
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).digest()


def stored() -> Record:
    """The record of each test file: its digest, and the tests with what they use."""
    return json.loads(RECORD.read_text(encoding="utf-8")) if RECORD.exists() else {}


def jobs(test_files: list[str], known: Record) -> list[Job]:
    """Record the test files that are new or changed."""
    return [_job(file, known) for file in test_files if known.get(file, {}).get("digest") != digest(file)]


def _job(file: str, known: Record) -> Job:
    version = digest(file)

    def done(_: int | None, text: str) -> None:
        if not text:
            print(f"{file} ended without a record; the next call tries again", flush=True)
            return
        tests = json.loads(text)
        known[file] = {"digest": version, "tests": tests}
        RECORD.parent.mkdir(parents=True, exist_ok=True)
        RECORD.write_text(json.dumps(known), encoding="utf-8")
        failed = [test for test, of in tests.items() if not of["passed"]]
        print(
            f"recorded {file}: {len(tests)} tests" + (f", not used: {failed}" if failed else ""), flush=True
        )

    def start(worker: Worker, target: Path) -> None:
        record(worker.folder, worker.server, file, target)

    return Job(start, done, SECONDS_OF_A_FILE)


class Selection:
    """The tests of each line, statement and object of the warehouse."""

    def __init__(self, known: Record) -> None:
        self._tests = {
            test: of
            for record in known.values()
            for test, of in record["tests"].items()
            if test and of["passed"]
        }
        self._users = _users()

    def seconds(self, tests: list[str]) -> float:
        """How long tests take together."""
        return sum(self._tests[test]["seconds"] for test in tests)

    def of(self, mutant: Mutant) -> list[str]:
        """The tests of a mutant, cut off after SECONDS_OF_TESTS."""
        uses = self._uses_statement if mutant.file.endswith(".sql") else self._uses_line
        found = sorted(uses(mutant), key=lambda test: (not _is_near(mutant.file, test), self.seconds([test])))
        chosen: list[str] = []
        for test in found:
            if not chosen or self.seconds([*chosen, test]) < SECONDS_OF_TESTS:
                chosen.append(test)
        return chosen

    def _uses_line(self, mutant: Mutant) -> list[str]:
        of_file = {test: set(of["lines"].get(mutant.file, ())) for test, of in self._tests.items()}
        users = [test for test, lines in of_file.items() if mutant.line in lines]
        # What runs at import is seen in the first test alone; a line may be within a longer statement.
        if not users or _runs_at_import(mutant):
            return [test for test, lines in of_file.items() if lines]
        return users

    def _uses_statement(self, mutant: Mutant) -> list[str]:
        objects = _defined(original(mutant.file))
        for name in list(objects):
            objects |= self._users.get(name, set())
        first = original(mutant.file).partition("\n")[0]
        return [
            test
            for test, of in self._tests.items()
            if first in of["statements"] or not objects.isdisjoint(of["objects"])
        ]


def _runs_at_import(mutant: Mutant) -> bool:
    """Whether a line is outside of the functions, or in the head of one, as its defaults are."""
    functions = (
        node
        for node in ast.walk(ast.parse(original(mutant.file)))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )
    return not any(node.body[0].lineno <= mutant.line <= (node.end_lineno or 0) for node in functions)


def _is_near(file: str, test: str) -> bool:
    """Whether a test file is named after a module, or after a statement or its folder."""
    *_, folder, name = Path(file).with_suffix("").parts
    near = (f"test_{name}", f"test_{folder}_{name}", f"test_{folder}")
    return Path(test.partition("::")[0]).stem in near


def _defined(sql: str) -> set[str]:
    return set(
        re.findall(r"create (?:or replace )?(?:view|function) ((?:core|report|ops|quality)\.\w+)", sql)
    )


@cache
def _users() -> dict[str, set[str]]:
    """For each view and function, those that use it, also by way of others."""
    users: dict[str, set[str]] = {}
    for path in PROJECT.joinpath(SQL).rglob("*.sql"):
        text = path.read_text(encoding="utf-8")
        named = {
            "view.sql": f"report.{path.parent.name}",
            "lineage.sql": f"report.lineage_of_{path.parent.name}",
        }
        defined = _defined(text) | {named[path.name]} if path.name in named else _defined(text)
        for name in defined:
            by_name = {caller for begin, caller in CALLED_BY_NAME.items() if name.startswith(begin)}
            users.setdefault(name, set()).update(by_name)
            for used in set(OBJECT.findall(text)) - {name}:
                users.setdefault(used, set()).add(name)
    for _ in range(len(users)):
        for found in users.values():
            found |= {user for name in found for user in users.get(name, ())}
    return users
