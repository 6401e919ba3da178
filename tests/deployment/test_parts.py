"""Dependencies: a server does not import the local stack, and the local stack does not import Airflow."""

import ast
import subprocess
import sys
from collections.abc import Iterator

from city_indicators.core.paths import PROJECT

NOT_IN_THE_IMAGE = {"standalone", "demo", "tests", "benchmarks"}


def imports(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{name.name}" for name in node.names)


def test_a_server_does_not_import_the_local_stack() -> None:
    files = [file for folder in ("plugins", "dags", "docker") for file in (PROJECT / folder).rglob("*.py")]
    assert len(files) > 150
    found = {
        (str(file.relative_to(PROJECT)), name)
        for file in files
        for name in imports(ast.parse(file.read_text(encoding="utf-8")))
        if name.split(".")[0] in NOT_IN_THE_IMAGE
    }
    assert found == set()


def test_the_local_stack_imports_no_airflow() -> None:
    modules = [f"standalone.{file.stem}" for file in (PROJECT / "standalone").glob("[!_]*.py")]
    code = f"import sys, {', '.join(modules)}; print('airflow' in sys.modules)"
    plugins = {"PYTHONPATH": f"{PROJECT / 'plugins'}:{PROJECT}"}
    done = subprocess.run([sys.executable, "-c", code], env=plugins, capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("False\n", "")
