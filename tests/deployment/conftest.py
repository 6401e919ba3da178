"""The files of the deployment, and its scripts as modules."""

import importlib.util
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from city_indicators.core.paths import PROJECT
from tests import compose


@pytest.fixture(scope="session")
def compose_text() -> str:
    return compose.text()


@pytest.fixture(scope="session")
def services() -> compose.Services:
    return compose.services()


@pytest.fixture(scope="session")
def dockerfile() -> str:
    return (PROJECT / "Dockerfile").read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def script() -> Callable[[str], ModuleType]:
    """Load a script of docker/ as a module: docker/ is no package, because the image only runs its files."""

    def load(name: str) -> ModuleType:
        file: Path = PROJECT / "docker" / f"{name}.py"
        spec = importlib.util.spec_from_file_location(f"docker_{name}", file)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module

    return load
