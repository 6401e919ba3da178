"""A slip in a file of the catalogue is one line on standard error, whatever the command."""

import os
import shutil
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from city_indicators import __main__ as commands
from city_indicators.catalog import load_catalogue
from city_indicators.core.paths import PROJECT

WUP = "sources/un_wup.yaml"
COMMANDS = [
    ["parse", "un_wup", "file.xlsx"],
    ["template", "submission", "form.csv"],
    ["template", "best_practices", "form.csv"],
    ["export", "rating", "--out", "rating.csv"],
    ["rate", "method.yaml", "--inputs", "values.csv"],
    ["plan", "un_wup"],
    ["--help"],
]
SLIPS = {
    "a bracket left open": b"id: [un_wup\n",
    "a tab": b"id: un_wup\n\tname: x\n",
    "a day of no calendar": b"id: un_wup\nname: 2026-02-30\n",
    "a mapping as a key": b"{{ id }}: un_wup\n",
    "a list as a key": b"[a, b]: un_wup\n",
    "an alias within itself": b"&a [*a]\n",
    "another encoding": "id: наводнение\n".encode("cp1251"),
    "more digits than a number has": b"first_period: " + b"9" * 5_000,
    "nothing": b"",
    "an unknown key": b"id: un_wup\ncolour: green\n",
}


@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
@pytest.mark.parametrize("slip", SLIPS.values(), ids=SLIPS.keys())
def test_every_command_ends_with_one_line(
    copied: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    slip: bytes,
    arguments: list[str],
) -> None:
    (copied / WUP).write_bytes(slip)
    monkeypatch.setattr(commands, "load_catalogue", partial(load_catalogue, copied))
    assert commands.main(arguments) == 2
    told = capsys.readouterr()
    assert told.out == ""
    (line,) = told.err.splitlines()
    assert line.startswith(f"cannot read: {copied / WUP}: ")


@pytest.mark.parametrize(
    ("module", "arguments", "told"),
    [
        ("city_indicators", ["template", "best_practices", "form.csv"], "cannot read"),
        ("city_indicators.warehouse.data_dictionary", [], "Error"),
        ("tests.inventory.inventory", ["."], "Error"),
        ("demo.mock_sources", ["--port", "0"], "Error"),
    ],
)
def test_the_process_ends_so_too(
    copied: Path, tmp_path: Path, module: str, arguments: list[str], told: str
) -> None:
    """In a copy of the project, with nothing replaced."""
    (copied / WUP).write_text("id: [un_wup\n", encoding="utf-8")
    file = Path(shutil.copytree(copied, tmp_path / "include" / "catalog")) / WUP
    for name in ("plugins", "demo", "tests"):
        shutil.copytree(PROJECT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path / "plugins")},
        capture_output=True,
        text=True,
        check=False,
    )
    (line,) = done.stderr.splitlines()
    assert (done.returncode, done.stdout) == (2, "")
    assert line.startswith(f"{told}: {file}: (file): is not YAML: ")
