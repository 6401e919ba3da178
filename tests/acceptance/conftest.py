"""Comparisons with published indices, computed once per session."""

from pathlib import Path

import pytest

from tests.acceptance.asem import Asem
from tests.acceptance.everything import comparisons
from tests.acceptance.runs import Comparison


@pytest.fixture(scope="session")
def asem(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Asem:
    return Asem(shared / "acceptance" / "coinr_asem", tmp_path_factory.mktemp("asem"))


@pytest.fixture(scope="session")
def found(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Comparison]:
    return list(comparisons(shared, tmp_path_factory.mktemp("acceptance")))
