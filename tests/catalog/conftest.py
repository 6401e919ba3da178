"""The shipped catalogue, and copies of it with one fault."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from city_indicators.catalog import Catalogue, load_catalogue
from city_indicators.core.paths import CATALOG

Break = Callable[[str, str, str], Path]


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    return load_catalogue()


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """A copy of include/catalog that a test may damage."""
    return Path(shutil.copytree(CATALOG, tmp_path / "catalog"))


@pytest.fixture
def break_file(copied: Path) -> Break:
    """Replace the first occurrence of a text in one file of the copy; returns the file."""

    def replace(name: str, old: str, new: str) -> Path:
        file = copied / name
        text = file.read_text(encoding="utf-8")
        assert old in text, f"{name} no longer holds {old!r}"
        file.write_text(text.replace(old, new, 1), encoding="utf-8")
        return file

    return replace
