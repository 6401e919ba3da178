"""A mistake in a file of the catalogue is one line on standard error, in every command."""

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
MISTAKES = {
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
@pytest.mark.parametrize("mistake", MISTAKES.values(), ids=MISTAKES.keys())
def test_every_command_prints_one_line(
    copied: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    mistake: bytes,
    arguments: list[str],
) -> None:
    (copied / WUP).write_bytes(mistake)
    monkeypatch.setattr(commands, "load_catalogue", partial(load_catalogue, copied))
    assert commands.main(arguments) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    (line,) = printed.err.splitlines()
    assert line.startswith(f"cannot read: {copied / WUP}: ")


@pytest.mark.parametrize(
    ("module", "arguments", "prefix"),
    [
        ("city_indicators", ["template", "best_practices", "form.csv"], "cannot read"),
        ("city_indicators.warehouse.data_dictionary", [], "Error"),
        ("tests.inventory.inventory", ["."], "Error"),
        ("demo.mock_sources", ["--port", "0"], "Error"),
    ],
)
def test_the_process_prints_one_line_too(
    copied: Path, tmp_path: Path, module: str, arguments: list[str], prefix: str
) -> None:
    """Runs in a copy of the project, without monkeypatching."""
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
    assert line.startswith(f"{prefix}: {file}: (file): is not YAML: ")
