"""SQL statements come from include/sql and take values as parameters; no SQL is built from strings."""

import ast
from collections.abc import Iterator
from typing import Final

import pytest

from city_indicators.core.paths import PROJECT

FOLDERS: Final = ("plugins", "dags", "docker", "standalone", "demo")
RUNS: Final = frozenset({"execute", "executemany", "exec_driver_sql", "scalar", "scalars", "copy", "stream"})
"""Methods of connections, sessions and cursors whose first argument is run as SQL."""
READS: Final = frozenset({"statement", "_sql"})
"""Functions that read a file of include/sql."""

EXCEPTIONS: Final = {
    "plugins/city_indicators/delivery/exports/delimited.py copied": "a compiled `select` and its parameters",
    "plugins/city_indicators/delivery/exports/tables.py batches": "gets a `select`",
    "plugins/city_indicators/delivery/web/api/formats.py as_arrow": "the `select` of a page",
    "plugins/city_indicators/delivery/web/api/sdmx.py _json": "the `select` of exports/sdmx.py",
    "standalone/backup.py _refuse_loads": "the tables of the constant LEDGERS",
    "plugins/city_indicators/reports/write.py delete": "a `delete` of SQLAlchemy, which binds the values",
    "plugins/city_indicators/warehouse/bulk.py copy": "names of the code; values are streamed",
    "plugins/city_indicators/warehouse/bulk.py read": "a file of include/sql; psycopg quotes the values",
    "plugins/city_indicators/warehouse/checksums.py _checksum": "sql.Identifier of a table that is there",
    "plugins/city_indicators/warehouse/comments.py comment": "sql.Identifier and sql.Literal",
    "plugins/city_indicators/warehouse/database.py statement": "reads a file of include/sql",
    "plugins/city_indicators/warehouse/report_ddl.py reconcile": "sql.Identifier; texts of declarations",
    "plugins/city_indicators/warehouse/database.py script": "gets files of include/sql, and comments",
    "plugins/city_indicators/warehouse/objects.py drop": "names that the server puts in, quoted",
    "plugins/city_indicators/warehouse/objects.py make": "files of include/sql/views and functions",
    "plugins/city_indicators/warehouse/objects.py make_trigger_functions": "files of include/sql/functions",
    "plugins/city_indicators/warehouse/upgrade.py _make_tables": "files of include/sql/schema",
    "docker/init.py prepare_server": "reads the file next to it",
    "docker/init.py set_passwords": "sql.Identifier and sql.Literal: `alter role` takes no parameters",
}
"""Function → why it may run SQL that is neither from include/sql nor a constant."""


def is_fixed(node: ast.expr, around: ast.AST) -> bool:
    """Whether an expression can only be a constant, a file of include/sql, or a `select`."""
    match node:
        case ast.Constant(value=str()):
            return True
        case ast.Call(func=ast.Name(id="text"), args=[inner, *_]):
            return is_fixed(inner, around)
        case ast.Call(func=ast.Name(id=name)):
            return name in READS or name == "select"
        case ast.Call(func=ast.Attribute(value=ast.Call() as chained)):
            return is_select(chained)
        case ast.Name(id=name):
            values = [
                each.value
                for each in ast.walk(around)
                if isinstance(each, ast.Assign)
                and any(isinstance(target, ast.Name) and target.id == name for target in each.targets)
            ]
            return bool(values) and all(is_fixed(value, around) for value in values)
    return False


def is_select(node: ast.expr) -> bool:
    """Whether a chain of calls begins with `select`."""
    match node:
        case ast.Call(func=ast.Name(id="select")):
            return True
        case ast.Call(func=ast.Attribute(value=ast.Call() as chained)):
            return is_select(chained)
    return False


def runs_sql(call: ast.Call) -> bool:
    match call.func:
        case ast.Name(id="text" | "script"):
            return True
        # A scalar of pyarrow, and `execute` of an Airflow operator.
        case ast.Attribute(value=ast.Name(id="pa") | ast.Call(func=ast.Name(id="super"))):
            return False
        case ast.Attribute(attr=method):
            return method in RUNS and bool(call.args)
    return False


def loose(source: str) -> Iterator[str]:
    """The functions of a module that run SQL that is not fixed."""
    tree = ast.parse(source)
    from_sqlalchemy = {
        name.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "sqlalchemy"
        for name in node.names
    }
    for function in ast.walk(tree):
        if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        for call in ast.walk(function):
            if not isinstance(call, ast.Call) or not runs_sql(call):
                continue
            if isinstance(call.func, ast.Name) and call.func.id == "text" and "text" not in from_sqlalchemy:
                continue
            # Only `script` takes the connection first.
            is_script = isinstance(call.func, ast.Name) and call.func.id == "script"
            if not call.args or not is_fixed(call.args[is_script], function):
                yield function.name


def test_only_known_functions_run_sql_that_is_not_fixed() -> None:
    found = {
        f"{file.relative_to(PROJECT).as_posix()} {function}"
        for folder in FOLDERS
        for file in sorted((PROJECT / folder).rglob("*.py"))
        for function in loose(file.read_text(encoding="utf-8"))
    }
    assert found == set(EXCEPTIONS)


@pytest.mark.parametrize(
    "argument",
    [
        'f"select {value}"',
        '"select " + value',
        '"select %s" % value',
        '"select {}".format(value)',
        "value",
        "text(value)",
        'text(f"select {value}")',
        "built",
        "row.query",
        '" ".join(parts)',
    ],
)
def test_a_built_statement_is_found(argument: str) -> None:
    module = (
        f"from sqlalchemy import text\ndef f(value):\n    built = 'a' + value\n    c.execute({argument})\n"
    )
    assert "f" in set(loose(module))


@pytest.mark.parametrize(
    "argument",
    ['statement("a/b")', '"select 1"', 'text("select :x")', "select(a).where(b == value)", "built"],
)
def test_a_fixed_statement_is_accepted(argument: str) -> None:
    module = f"from sqlalchemy import text\ndef f(value):\n    built = select(a)\n    c.execute({argument})\n"
    assert not set(loose(module))
