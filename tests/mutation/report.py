"""The score of a mutation run: by module, with the mutants that survived."""

import re
from collections import Counter
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final, Literal

import yaml

from tests.mutation.mutants import PROJECT, Mutant

EQUIVALENT: Final = Path(__file__).with_name("equivalent.yaml")
DOCUMENT: Final = PROJECT / "docs" / "explanation" / "reliability.md"
BEGIN, END = "<!-- make mutation: begin -->", "<!-- make mutation: end -->"
HEADER: Final = ["module", "mutants", "equivalent", "killed", "survived", "score"]

Verdict = Literal["killed", "timeout", "survived"]


@dataclass(frozen=True)
class Result:
    """What became of a mutant; `detail` is the test that failed, or how many passed."""

    mutant: Mutant
    verdict: Verdict
    detail: str

    @property
    def reason(self) -> str | None:
        """Why the mutant does what the original does, if that is declared."""
        before, after = self.mutant.change
        return next(
            (
                each["reason"]
                for each in _declared()
                if re.fullmatch(each.get("file", ".*"), self.mutant.file)
                and each["before"] in before
                and each["after"] in after
            ),
            None,
        )

    def text(self) -> str:
        """The mutant with its place and its change."""
        return f"{self.verdict}: {self.mutant.file}:{self.mutant.line} ({self.detail})\n{self.mutant.diff}\n"


@cache
def _declared() -> list[dict[str, str]]:
    entries: list[dict[str, str]] = yaml.safe_load(EQUIVALENT.read_text(encoding="utf-8"))
    return entries


def report(results: list[Result], sampled: str, write: bool) -> int:
    """Print survivors and score, and `write` the table into the documentation; returns 1 with survivors."""
    left = [one for one in results if one.verdict == "survived" and not one.reason]
    for one in sorted(left, key=lambda one: (one.mutant.file, one.mutant.line)):
        print(one.text())
    rows = _rows(results)
    table = "\n".join(f"| {' | '.join(cells)} |" for cells in [HEADER, ["---", *["---:"] * 5], *rows])
    print(f"{table}\n{sampled}")
    if write:
        before, _, rest = DOCUMENT.read_text(encoding="utf-8").partition(BEGIN)
        _, _, after = rest.partition(END)
        DOCUMENT.write_text(f"{before}{BEGIN}\n{table}\n\nTested: {sampled}.\n{END}{after}", encoding="utf-8")
    return int(bool(left))


def _rows(results: list[Result]) -> list[list[str]]:
    counts: dict[str, Counter[str]] = {}
    for one in results:
        kind = "survived" if one.verdict == "survived" else "killed"
        kind = "equivalent" if kind == "survived" and one.reason else kind
        for module in (_module(one.mutant.file), "all"):
            counts.setdefault(module, Counter())[kind] += 1
    order = sorted(counts, key=lambda module: (module == "all", module))
    return [_row(module, counts[module]) for module in order]


def _row(module: str, count: Counter[str]) -> list[str]:
    tested = count["killed"] + count["survived"]
    score = f"{100 * count['killed'] / tested:.1f} %" if tested else ""
    numbers = [count.total(), count["equivalent"], count["killed"], count["survived"]]
    return [f"`{module}`" if module != "all" else module, *map(str, numbers), score]


def _module(file: str) -> str:
    """A Python file, or the folder of an SQL file."""
    shown = file.removeprefix("plugins/city_indicators/")
    return str(Path(shown).parent) if file.endswith(".sql") else shown
