"""Mutation testing of the code that decides which observations are published and shown: `make mutation`.

Every mutant is given to the tests that run its line or statement. The results are kept in build/mutation: a
second call goes on where the first one ended, and gives a mutant that survived to tests that have changed.
"""

import argparse
import json
import random
import signal
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path
from typing import Any, Final

import yaml

from tests.mutation import selection, workers
from tests.mutation.mutants import PROJECT, Mutant, mutants_of
from tests.mutation.report import Result, Verdict, report
from tests.mutation.session import run
from tests.mutation.workers import Job, Worker

DECLARED: Final = Path(__file__).with_name("targets.yaml")
RESULTS: Final = PROJECT / "build" / "mutation" / "results.jsonl"
WORKERS: Final = 2
TIMED_OUT: Final = (None, -signal.SIGXCPU, -signal.SIGKILL)
"""How a session ends that takes too long: by us, or by the system for its processor time."""
WAITING: Final = 5
"""How many times as long by the clock as of processor a session may take: the machine may be busy."""
IMPORTED: Final = (
    *(
        "pandas",
        "pyarrow.parquet",
        "pyarrow.csv",
        "sqlalchemy.dialects.postgresql",
        "psycopg",
        "pydantic",
        "yaml",
    ),
    *("great_expectations", "great_expectations.expectations.core", "scipy.stats", "requests", "openpyxl"),
    *("hypothesis", "boto3", "python_calamine", "coverage"),
)
"""Libraries that are imported once and not for each mutant; none of them reads the project."""


def main() -> int:
    """Run the mutants that are chosen; returns 1 if one survives that is not declared as equivalent."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    options = _options()
    declared = yaml.safe_load(DECLARED.read_text(encoding="utf-8"))
    listed = list(_files(declared["mutated"]))
    chosen = [file for file in listed if any(part in file for part in options.files or [""])]
    mutants = [mutant for file in chosen for mutant in mutants_of(file)]
    total = len(mutants)
    if options.sample:
        mutants = _sample(mutants, options.sample, random.Random(options.seed))  # noqa: S311
    for library in IMPORTED:
        __import__(library)
    known = selection.stored()
    with workers.workers(options.workers) as at_work:
        workers.run(selection.jobs(list(_files(declared["tests"])), known), at_work)
        results = _tested(mutants, selection.Selection(known), at_work)
    drawn = f" (seed {options.seed}, equally many of each file)" if len(mutants) < total else ""
    sampled = f"{len(mutants)} of {total} mutants{drawn}"
    return report(results, sampled, write=chosen == listed)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", nargs="*", help="only files whose path has one of these parts")
    parser.add_argument("--sample", type=int, default=0, help="only so many mutants; 0 is all")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=WORKERS)
    return parser.parse_args()


def _sample(mutants: list[Mutant], size: int, chance: random.Random) -> list[Mutant]:
    """Draw so many mutants, equally many of each file as far as it has them."""
    drawn: Counter[str] = Counter()
    turns = []
    for mutant in chance.sample(mutants, len(mutants)):
        turns.append((drawn[mutant.file], mutant))
        drawn[mutant.file] += 1
    return [mutant for _, mutant in sorted(turns, key=itemgetter(0))[:size]]


def _files(patterns: list[str]) -> Iterator[str]:
    """The files of some patterns, without those of patterns that begin with an exclamation mark."""
    without = {path for pattern in patterns if pattern[0] == "!" for path in PROJECT.glob(pattern[1:])}
    for pattern in patterns:
        if pattern[0] != "!":
            found = sorted(set(PROJECT.glob(pattern)) - without)
            yield from (str(path.relative_to(PROJECT)) for path in found)


@dataclass(frozen=True)
class Earlier:
    """The result of an earlier call, and a digest of the tests that it used."""

    verdict: Verdict
    detail: str
    tests: str


def _tested(mutants: list[Mutant], select: selection.Selection, at_work: list[Worker]) -> list[Result]:
    earlier = _earlier()
    results: list[Result] = []
    tasks = []
    for mutant in mutants:
        tests = select.of(mutant)
        version = _version(tests)
        before = earlier.get(mutant.key)
        if before and (before.verdict != "survived" or before.tests == version):
            results.append(Result(mutant, before.verdict, before.detail))
        elif not tests:
            results.append(Result(mutant, "survived", "no test runs it"))
        else:
            tasks.append(_task(mutant, tests, select.seconds(tests), version, results))
    print(f"{len(mutants)} mutants, {len(tasks)} to test", flush=True)
    workers.run(tasks, at_work)
    return results


def _task(mutant: Mutant, tests: list[str], seconds: float, version: str, results: list[Result]) -> Job:
    most = 60 + 4 * seconds

    def done(code: int | None, failed: str) -> None:
        verdict: Verdict = "survived" if code == 0 else "timeout" if code in TIMED_OUT else "killed"
        result = Result(mutant, verdict, failed or f"{len(tests)} tests")
        results.append(result)
        RESULTS.parent.mkdir(parents=True, exist_ok=True)
        line: dict[str, Any] = {
            "key": mutant.key,
            "verdict": verdict,
            "detail": result.detail,
            "tests": version,
        }
        with RESULTS.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
        if verdict == "survived":
            print(result.text(), flush=True)

    def start(worker: Worker, target: Path) -> None:
        run(worker.folder, worker.server, tests, most, target)

    return Job(start, done, WAITING * most, (mutant.file, mutant.content))


def _version(tests: list[str]) -> str:
    return " ".join(map(selection.digest, sorted({test.partition("::")[0] for test in tests})))


def _earlier() -> dict[str, Earlier]:
    if not RESULTS.exists():
        return {}
    lines = map(json.loads, RESULTS.read_text(encoding="utf-8").splitlines())
    return {line.pop("key"): Earlier(**line) for line in lines}


if __name__ == "__main__":
    sys.exit(main())
