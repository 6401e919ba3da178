"""The public command: what it writes."""

import csv
from pathlib import Path

import pytest

from city_indicators.__main__ import main

METHOD = """
id: whole
version: 1.0.0
indicators:
  - {indicator: A, weight: 0.75, worst: 0, best: 10}
  - {indicator: B, weight: 0.25, worst: 10, best: 0}
"""
VALUES = """unit,indicator,value
x,A,5
x,B,5
y,A,10
y,B,
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "method.yaml").write_text(METHOD, encoding="utf-8")
    (tmp_path / "values.csv").write_text(VALUES, encoding="utf-8")
    return tmp_path


def rate(folder: Path, *more: str) -> int:
    return main(["rate", str(folder / "method.yaml"), "--inputs", str(folder / "values.csv"), *more])


def rows(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def test_without_a_folder_the_scores_are_printed(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert rate(folder) == 0
    printed = list(csv.DictReader(capsys.readouterr().out.splitlines()))
    # 0.75 × 50 + 0.25 × 50, and A alone.
    assert [(row["unit"], row["score"], row["rank"]) for row in printed] == [
        ("x", "50.0", "2"),
        ("y", "100.0", "1"),
    ]
    assert "period" not in printed[0]


def test_a_method_without_pillars_writes_a_table_of_none(folder: Path) -> None:
    assert rate(folder, "--out", str(folder / "out")) == 0
    assert rows(folder / "out" / "pillars.csv") == []
    header = (folder / "out" / "pillars.csv").read_text(encoding="utf-8")
    assert header.startswith("unit,pillar,parent,weight,")


def test_contributions_and_inputs_can_be_followed(folder: Path) -> None:
    assert rate(folder, "--out", str(folder / "out")) == 0
    (a, b) = (row for row in rows(folder / "out" / "indicators.csv") if row["unit"] == "x")
    assert (float(a["value"]), a["normalised"], a["weight"], a["contribution"]) == (5, "50.0", "0.75", "37.5")
    assert (float(b["value"]), b["normalised"], b["weight"], b["contribution"]) == (5, "50.0", "0.25", "12.5")
