"""A method, values and groups that fit, and the message of the command `rate` if they are changed."""

from pathlib import Path

import pytest

from city_indicators.__main__ import main

METHOD = """
id: index
version: 1.0.0
rank_within: side
treatment: {winsorise: 2}
pillars:
  - id: one
    weight: 0.6
    indicators:
      - {indicator: A, weight: 0.5, worst: 0, best: 10}
      - {indicator: B, weight: 0.5, worst: 10, best: 0, denominator: people}
  - id: two
    weight: 0.4
    indicators:
      - {indicator: C, weight: 1, worst: 1, best: 100, log: true}
uncertainty: {draws: 100, seed: 1, factors: {weights: 0.2}}
"""
VALUES = """unit,indicator,value
x,A,5
y,A,6
x,B,8
y,B,6
x,people,2
y,people,3
x,C,10
y,C,20
"""
GROUPS = """unit,side
x,west
y,east
"""
FACTOR = "weights: 0.2"
NOISE = "{A: 0.1, B: 0.1, E: 0.1, I: 0.1, P: 0.1, U: 0.1}"


def replaced(text: str, old: str, new: str) -> str:
    for one, other in zip(old.split("|"), new.split("|"), strict=True):
        assert one in text
        text = text.replace(one, other, 1)
    return text


def refusal(
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    method: str = METHOD,
    values: str = VALUES,
    groups: str | None = GROUPS,
) -> str:
    """The message after "cannot rate: <folder>/"; checks that it ends with 2 and writes nothing."""
    (folder / "method.yaml").write_text(method, encoding="utf-8")
    (folder / "values.csv").write_text(values, encoding="utf-8")
    inputs = ["rate", str(folder / "method.yaml"), "--inputs", str(folder / "values.csv")]
    if groups is not None:
        (folder / "groups.csv").write_text(groups, encoding="utf-8")
        inputs += ["--groups", str(folder / "groups.csv")]
    assert main([*inputs, "--out", str(folder / "out")]) == 2
    assert not (folder / "out").exists()
    out, err = capsys.readouterr()
    assert out == ""
    return err.removeprefix(f"cannot rate: {folder}/")
