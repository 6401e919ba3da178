"""What depends on what: a server takes nothing of the local stack, which imports no Airflow."""

import ast
import subprocess
import sys
from collections.abc import Iterator

from city_indicators.core.paths import PROJECT

PACKAGE = PROJECT / "plugins" / "city_indicators"
LOCAL = "standalone"


def imports(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{name.name}" for name in node.names)


def test_a_server_takes_nothing_of_the_local_stack() -> None:
    files = [file for folder in ("plugins", "dags", "docker") for file in (PROJECT / folder).rglob("*.py")]
    served = [file for file in files if not file.is_relative_to(PACKAGE / "local")]
    assert len(served) > 200
    found = {
        (str(file.relative_to(PROJECT)), name)
        for file in served
        for name in imports(ast.parse(file.read_text(encoding="utf-8")))
        if name == LOCAL or name.startswith(f"{LOCAL}.")
    }
    assert found == set()


def test_the_local_stack_imports_no_airflow() -> None:
    modules = [f"{LOCAL}.{file.stem}" for file in (PACKAGE / "local").glob("*.py")]
    told = f"import sys, {', '.join(modules)}; print('airflow' in sys.modules)"
    plugins = {"PYTHONPATH": str(PROJECT / "plugins")}
    done = subprocess.run([sys.executable, "-c", told], env=plugins, capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("False\n", "")
