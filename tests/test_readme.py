"""The commands of README and tutorial, checked without a running stack; test_demo_once.py runs them."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from city_indicators.catalog import load_catalogue
from city_indicators.core.paths import CATALOG, PROJECT
from tests import readme

RUN_BESIDE_THE_DEMO = {"sh", "sql"}
COMMAND = re.compile(r"(select|airflow|curl|python -m city_indicators|PYTHONPATH=\S+ \S+) ")
ADD_AN_INDICATOR = PROJECT / "docs" / "how-to" / "add-an-indicator.md"

followed = pytest.mark.parametrize("page", readme.FOLLOWED, ids=lambda page: page.stem)


@followed
def test_every_block_is_run_or_a_drawing(page: Path) -> None:
    assert {language for language, _ in readme.blocks(page)} <= {*RUN_BESIDE_THE_DEMO, "text"}
    assert {language for language, _ in readme.blocks(page)} >= RUN_BESIDE_THE_DEMO


@followed
def test_commands_to_paste_are_in_blocks(page: Path) -> None:
    assert [code for code in readme.inline(page) if COMMAND.match(code) and "…" not in code] == []


@followed
def test_every_make_target_exists(page: Path) -> None:
    commands = [
        *readme.inline(page),
        *(line for _, block in readme.blocks(page) for line in block.splitlines()),
    ]
    targets = {target for command in commands for target in re.findall(r"\bmake ([a-z-]+)", command)}
    assert len(targets) > 3
    made = subprocess.run(
        ["make", "--dry-run", "--directory", str(PROJECT), *sorted(targets)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.returncode == 0, made.stderr


def test_a_dry_run_of_make_leaves_a_running_stack_alone(tmp_path: Path) -> None:
    files = {
        "requirements.txt": "",
        ".venv/.installed": "",
        ".venv/bin/python": '#!/bin/sh\necho "$@" > ran\n',
        ".local/state.json": "{}",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    (tmp_path / ".venv/bin/python").chmod(0o755)
    command = ["make", "--file", str(PROJECT / "Makefile"), "stop"]
    subprocess.run([*command, "--dry-run"], cwd=tmp_path, check=True)
    assert not (tmp_path / "ran").exists()
    subprocess.run(command, cwd=tmp_path, check=True)
    assert (tmp_path / "ran").read_text() == "-m standalone stop\n"


def test_the_first_screen_has_both_commands_and_one_picture() -> None:
    lines = readme.README.read_text(encoding="utf-8").splitlines()
    screen = "\n".join(lines[:25])
    assert "\nmake demo " in screen
    assert "\nmake test " in screen
    assert len(re.findall(r"^ *!\[", "\n".join(lines), re.MULTILINE)) == 1
    assert "![" in screen


@pytest.fixture
def extended_catalogue(tmp_path: Path) -> Path:
    """The catalogue with the entries of the how-to page appended to the files that it names."""
    root = shutil.copytree(CATALOG, tmp_path / "catalog")
    (block,) = (block for language, block in readme.blocks(ADD_AN_INDICATOR) if language == "yaml")
    named = re.findall(r"^# include/catalog/(\S+)\n((?:(?!#).*\n)+)", block, re.MULTILINE)
    assert len(named) == 2
    for file, entry in named:
        with (root / file).open("a", encoding="utf-8") as out:
            out.write(entry)
    return root


def test_the_example_of_a_new_indicator_loads(extended_catalogue: Path) -> None:
    catalogue = load_catalogue(extended_catalogue)
    assert catalogue.indicators["LARGE_CITY_SHARE"].unit == "PT"
    assert "LARGE_CITY_SHARE" in {series.indicator for series in catalogue.sources["world_bank"].series}
