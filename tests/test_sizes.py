"""Limits of size: files of 400 lines, functions and views of 50."""

import ast
from collections.abc import Iterator

import pytest

from city_indicators.core.paths import PROJECT, SQL

FOLDERS = ("plugins", "dags", "standalone", "demo", "docker", "tests", "benchmarks")
LONGEST_FILE = 400
LONGEST_FUNCTION = 50


def lines_of_functions() -> Iterator[tuple[str, int]]:
    for folder in FOLDERS:
        for file in (PROJECT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                    name = f"{file.relative_to(PROJECT)} {node.name}"
                    yield name, (node.end_lineno or node.lineno) - node.lineno + 1


def lines_of_files(*patterns: str) -> Iterator[tuple[str, int]]:
    for pattern in patterns:
        for file in PROJECT.glob(pattern):
            yield str(file.relative_to(PROJECT)), len(file.read_text(encoding="utf-8").splitlines())


def longer(found: Iterator[tuple[str, int]], most: int) -> list[tuple[str, int]]:
    counted = list(found)
    assert len(counted) > 5
    return [(name, lines) for name, lines in counted if lines > most]


def test_no_function_is_longer_than_a_screen() -> None:
    assert longer(lines_of_functions(), LONGEST_FUNCTION) == []


def test_no_view_or_function_of_the_warehouse_is_longer_than_a_screen() -> None:
    files = ("views/*/*.sql", "functions/*/*.sql", "reports/*/view.sql", "reports/*/lineage.sql")
    base = SQL.relative_to(PROJECT)
    assert longer(lines_of_files(*(f"{base}/{each}" for each in files)), LONGEST_FUNCTION) == []


@pytest.mark.parametrize("ending", ["py", "sql", "yaml", "html"])
def test_files_have_at_most_400_lines(ending: str) -> None:
    patterns = [f"{folder}/**/*.{ending}" for folder in (*FOLDERS, "include", "deploy")]
    assert longer(lines_of_files(*patterns), LONGEST_FILE) == []
