"""Makes mutants: copies of a file with one small change each, which a test must notice.

Python is mutated by mutmut, SQL by `sql_mutants`.
"""

import ast
import difflib
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

from tests.mutation import sql_mutants

PROJECT: Final = Path(__file__).resolve().parents[2]
STRICT: Final = re.compile(r",\s*(strict=\w+)?(?=,?\s*\))")
"""Of zip: asserts that the parts are equally long, so that without it nothing changes as long as they are."""


@dataclass(frozen=True)
class Mutant:
    """A file of the project, by its path from the project's folder, and its content after the change."""

    file: str
    line: int
    content: str

    @cached_property
    def key(self) -> str:
        """Identifies the mutant as long as its file is the same."""
        return hashlib.sha256(f"{self.file}\n{self.content}".encode()).hexdigest()[:16]

    @cached_property
    def change(self) -> tuple[str, str]:
        """The changed lines before and after, joined by spaces, to recognise the mutant."""
        before, after = original(self.file).splitlines(), self.content.splitlines()
        steps = difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
        changed = [step for step in steps if step[0] != "equal"]
        return (
            " ".join(line.strip() for _, i, j, _, _ in changed for line in before[i:j]),
            " ".join(line.strip() for _, _, _, i, j in changed for line in after[i:j]),
        )

    @property
    def diff(self) -> str:
        """The change as a unified diff without context."""
        before, after = original(self.file).splitlines(), self.content.splitlines()
        lines = difflib.unified_diff(before, after, lineterm="", n=0)
        return "\n".join(line for line in lines if not line.startswith(("---", "+++", "@@")))


def original(file: str) -> str:
    """The content of a file of the project."""
    return PROJECT.joinpath(file).read_text(encoding="utf-8")


def mutants_of(file: str) -> list[Mutant]:
    """All mutants of a Python or SQL file, in the order of its lines."""
    text = original(file)
    made = sql_mutants.mutated(text) if file.endswith(".sql") else _python(file, text)
    changed = (content for content in made if content != text)
    found = {content: Mutant(file, _first_difference(text, content), content) for content in changed}
    return sorted(found.values(), key=lambda mutant: (mutant.line, mutant.content))


def _python(file: str, text: str) -> Iterator[str]:
    """Mutants of Python, without those that change only an error, the case of a text, or `strict`."""
    import libcst
    from libcst.metadata import ByteSpanPositionProvider, MetadataWrapper
    from mutmut.mutation.file_mutation import create_mutations

    raised = {
        line
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Raise)
        for line in range(node.lineno, (node.end_lineno or node.lineno) + 1)
    }
    module, mutations, _, _ = create_mutations(file, text)
    spans = MetadataWrapper(module, unsafe_skip_copy=True).resolve(ByteSpanPositionProvider)
    content = text.encode()
    for mutation in mutations:
        before, after = mutation.original_node, mutation.mutated_node
        if isinstance(after, libcst.SimpleString) and after.raw_value[:2] not in ("XX", ""):
            continue
        begin, end = spans[before].start, spans[before].start + spans[before].length
        begin = end - len(content[begin:end].lstrip())
        line = content[content.rfind(b"\n", 0, begin) + 1 : begin]
        indent = line[: len(line) - len(line.lstrip())].decode()
        old, new = (
            module.code_for_node(node).strip().replace("\n", f"\n{indent}").encode()
            for node in (before, after)
        )
        # Replacing a node in the tree would copy the tree for each mutant.
        made = (
            (content[:begin] + new + content[end:]).decode()
            if content[begin:end] == old
            else module.deep_replace(before, after).code
        )
        if _first_difference(text, made) not in raised and STRICT.sub("", made) != STRICT.sub("", text):
            yield made


def _first_difference(before: str, after: str) -> int:
    lines = zip(before.splitlines(), after.splitlines(), strict=False)
    same = next((n for n, (old, new) in enumerate(lines) if old != new), None)
    return 1 + (min(before.count("\n"), after.count("\n")) if same is None else same)
