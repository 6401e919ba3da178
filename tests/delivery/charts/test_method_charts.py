"""The charts of a method and of the workbench: what stands where."""

from typing import Any

import pandas as pd

from city_indicators.analytics.ratings.method import MethodIndicator, Pillar
from city_indicators.delivery.charts import method, trial
from city_indicators.delivery.charts.style import Caption
from city_indicators.delivery.web.method_charts import placed
from city_indicators.delivery.web.method_tree import Part

CAPTION = Caption("Title", "Unit", [])


def part(name: str, pillar: str, depth: int, share: float) -> Part:
    leaf = MethodIndicator(indicator=name, worst=0, best=1)
    names = {"en": name, "ru": name, "zh": name}
    declared = leaf if name.isupper() else Pillar.model_validate({"id": name, "name": names})
    return Part(name, name, pillar, depth, 1.0, share, share, False, declared)


def data_of(specification: dict[str, Any]) -> list[dict[str, Any]]:
    return [row for rows in specification["datasets"].values() for row in rows]


def test_parts_stand_below_each_other_within_their_pillar() -> None:
    parts = [
        part("one", "m", 0, 0.6),
        part("inner", "one", 1, 0.2),
        part("A", "inner", 2, 0.2),
        part("B", "one", 1, 0.4),
        part("C", "m", 0, 0.4),
    ]
    found = {
        row["part"]: (row["top"], round(row["low"], 9), round(row["high"], 9)) for row in placed(parts, "en")
    }
    assert found == {
        "one": ("one", 0, 0.6),
        "inner": ("one", 0, 0.2),
        "A": ("one", 0, 0.2),
        "B": ("one", 0.2, 0.6),
        "C": ("C", 0.6, 1),
    }


def test_an_indicator_reaches_to_the_edge_and_a_thin_part_has_no_name() -> None:
    parts = pd.DataFrame(
        placed([part("one", "m", 0, 0.99), part("A", "one", 1, 0.99), part("B", "m", 0, 0.01)], "en")
    )
    drawn = method.tree(parts, {"share": "Share", "part": "Part"}, CAPTION, 640)
    boxes = [row for row in data_of(drawn) if "end" in row]
    assert {(row["part"], row["end"]) for row in boxes} == {("one", 1), ("A", 2), ("B", 2)}
    named = [row["part"] for rows in drawn["datasets"].values() if len(rows) < len(parts) for row in rows]
    assert sorted(named) == ["A", "one"]


def test_importance_out_of_bounds_has_another_mark() -> None:
    rows = pd.DataFrame(
        [
            {"part": "A", "pillar": "one", "weight": 0.5, "importance": 0.9, "outside": False, "link": "a"},
            {"part": "B", "pillar": "one", "weight": 0.5, "importance": 0.1, "outside": True, "link": "b"},
        ]
    )
    texts = {"pillar": "Pillar", "weight": "Weight", "importance": "Importance", "outside": "Outside"}
    points = {
        (row["part"], row["kind"], row["share"])
        for row in data_of(method.importance(rows, texts, CAPTION, 320))
        if "kind" in row
    }
    assert points == {
        ("A", "Weight", 0.5),
        ("A", "Importance", 0.9),
        ("B", "Weight", 0.5),
        ("B", "Outside", 0.1),
    }


def test_each_pillar_has_its_triangle_with_all_parts_named() -> None:
    pairs = pd.DataFrame(
        [
            {**row, "value": 0.5, "shown": "0.50", "outside": False, "link": "x"}
            for row in (
                {"pillar": "P", "row": "2 B", "column": 1, "with": "1 A"},
                {"pillar": "P", "row": "3 C", "column": 1, "with": "1 A"},
                {"pillar": "Q", "row": "2 E", "column": 1, "with": "1 D"},
            )
        ]
    )
    drawn = method.correlations(pairs, {"value": "Correlation"}, CAPTION, 320)
    triangles = [line["hconcat"][0] for line in drawn["vconcat"][0]["hconcat"][0]["vconcat"]]
    named = {
        each["title"]["text"]: each["layer"][0]["encoding"]["y"]["scale"]["domain"] for each in triangles
    }
    assert named == {"P": ["1 A", "2 B", "3 C"], "Q": ["1 D", "2 E"]}


def test_the_move_of_a_city_is_a_shape_too() -> None:
    cities = pd.DataFrame(
        [
            {
                "city": "A",
                "rank": 1,
                "old_rank": 2,
                "low": 1,
                "high": 3,
                "likely": "1–3",
                "move": "rose",
                "link": "a",
            }
        ]
    )
    texts = {name: name.upper() for name in ("rank", "old_rank", "likely", *trial.MOVES)}
    drawn = trial.moves(cities, texts, CAPTION, 640)
    assert [row["move"] for row in data_of(drawn)] == ["ROSE"]
    (marks,) = [layer for layer in drawn["vconcat"][0]["hconcat"][0]["layer"] if "shape" in layer["encoding"]]
    scale = marks["encoding"]["shape"]["scale"]
    assert dict(zip(scale["domain"], scale["range"], strict=True))["ROSE"] == "triangle-up"
