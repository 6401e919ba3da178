"""Methods that extend another: overrides and additions."""

from pathlib import Path

import pytest

from city_indicators.analytics.ratings.method import Method
from city_indicators.analytics.ratings.read import read_method

BASE = """
id: base
version: 1.0.0
scale: [10, 100]
pillars:
  - id: one
    weight: 0.6
    indicators:
      - {indicator: A, weight: 1, worst: 0, best: 10}
  - id: two
    weight: 0.4
    indicators:
      - {indicator: B, weight: 1, worst: 0, best: 10}
"""
MORE = """
id: more
extends: base
version: 2.0.0
aggregation: geometric
add:
  one:
    indicators:
      - {indicator: C, worst: 5, best: 0}
    weights: {A: 0.8, C: 0.2}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "base.yaml").write_text(BASE, encoding="utf-8")
    (tmp_path / "more.yaml").write_text(MORE, encoding="utf-8")
    return tmp_path


def weights(method: Method) -> dict[str, float | None]:
    return {entry.indicator: entry.weight for entry in method.entries}


def test_undefined_fields_are_inherited(folder: Path) -> None:
    more = read_method(folder / "more.yaml")
    assert (more.id, more.version, more.scale, more.aggregation) == ("more", "2.0.0", (10, 100), "geometric")
    assert [(pillar.id, pillar.weight) for pillar in more.pillars] == [("one", 0.6), ("two", 0.4)]
    assert weights(more) == {"A": 0.8, "C": 0.2, "B": 1}


def test_the_extended_method_does_not_change(folder: Path) -> None:
    assert weights(read_method(folder / "base.yaml")) == {"A": 1, "B": 1}


def test_a_method_may_extend_one_that_extends(folder: Path) -> None:
    further = "id: further\nextends: more\nversion: 3.0.0\nadd: {one: {weights: {A: 0.5, C: 0.5}}}\n"
    (folder / "further.yaml").write_text(further, encoding="utf-8")
    method = read_method(folder / "further.yaml")
    assert (method.aggregation, method.scale) == ("geometric", (10, 100))
    assert weights(method) == {"A": 0.5, "C": 0.5, "B": 1}


def test_a_pillar_may_be_added_within_another(folder: Path) -> None:
    inner = "{id: inner, weight: 0.5, indicators: [{indicator: D, weight: 1, worst: 0, best: 1}]}"
    text = f"id: deep\nextends: base\nadd: {{two: {{pillars: [{inner}], weights: {{B: 0.5}}}}}}\n"
    (folder / "deep.yaml").write_text(text, encoding="utf-8")
    two = read_method(folder / "deep.yaml").pillars[1]
    assert [part.id for part in two.parts] == ["inner", "B"]
    assert [part.weight for part in two.parts] == [0.5, 0.5]
