"""What README.md prints and no running stack is needed for; the demo's test follows the rest."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from city_indicators.catalog import load_catalogue
from city_indicators.core.paths import CATALOG, PROJECT
from tests import readme

RUN_BY_THE_TEST_OF_THE_DEMO = {"sh", "sql"}
COMMAND = re.compile(r"(select|airflow|curl|python -m city_indicators|PYTHONPATH=\S+ \S+) ")


def test_every_block_is_of_a_kind_that_is_tested_or_a_drawing() -> None:
    assert {language for language, _ in readme.blocks()} == {*RUN_BY_THE_TEST_OF_THE_DEMO, "yaml", "text"}


def test_a_command_that_can_be_pasted_stands_in_a_block() -> None:
    assert [code for code in readme.inline() if COMMAND.match(code) and "…" not in code] == []


def test_every_target_of_make_is_there() -> None:
    commands = [*readme.inline(), *(line for _, block in readme.blocks() for line in block.splitlines())]
    targets = {target for command in commands for target in re.findall(r"\bmake ([a-z-]+)", command)}
    assert len(targets) > 8
    made = subprocess.run(
        ["make", "--dry-run", "--directory", str(PROJECT), *sorted(targets)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.returncode == 0, made.stderr


@pytest.fixture
def catalogue_as_told(tmp_path: Path) -> Path:
    """The catalogue with what the page says to add appended to the files that it names."""
    root = shutil.copytree(CATALOG, tmp_path / "catalog")
    (block,) = (block for language, block in readme.blocks() if language == "yaml")
    named = re.findall(r"^# include/catalog/(\S+)\n((?:(?!#).*\n)+)", block, re.MULTILINE)
    assert len(named) == 2
    for file, entry in named:
        with (root / file).open("a", encoding="utf-8") as out:
            out.write(entry)
    return root


def test_the_indicator_that_the_page_adds_is_in_the_catalogue(catalogue_as_told: Path) -> None:
    catalogue = load_catalogue(catalogue_as_told)
    assert catalogue.indicators["LARGE_CITY_SHARE"].unit == "PT"
    assert "LARGE_CITY_SHARE" in {series.indicator for series in catalogue.sources["world_bank"].series}
