"""Megatrends: verdicts from the trends of places."""

import csv
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from city_indicators.analytics.trends.megatrends import Megatrends, load_megatrends, megatrends
from city_indicators.catalog import load_catalogue
from city_indicators.core.errors import CatalogueError
from city_indicators.core.paths import CATALOG
from demo.paths import SAMPLE
from standalone import demo

CATALOGUE = load_catalogue()
SHIPPED = load_megatrends(CATALOGUE)
NAME = {"en": "x", "ru": "x", "zh": "x"}
TWO = Megatrends.model_validate(
    {
        **{"draft": True, "clear_from": 0.5, "shown": 1},
        "directions": [{"id": "d", "name": NAME}],
        "trends": [
            {
                **{"id": "measured", "direction": "d", "name": NAME, "cases": ["case-1", "case-unknown"]},
                "indicators": [
                    {"indicator": "UP", "expected": "increasing"},
                    {"indicator": "DOWN", "expected": "decreasing"},
                ],
            },
            {"id": "unmeasured", "direction": "d", "name": NAME, "cases": ["case-2"]},
        ],
    }
)
TRENDS = pd.DataFrame(
    [
        # a: both as expected; b: one of two; c: one for, one against; d: against; e: no verdict.
        ("UP", "a", "increasing", 0.03),
        ("DOWN", "a", "decreasing", -0.04),
        ("UP", "b", "increasing", 0.02),
        ("DOWN", "b", "none_found", -0.01),
        ("UP", "c", "increasing", 0.01),
        ("DOWN", "c", "increasing", 0.05),
        ("DOWN", "d", "increasing", 0.06),
        ("UP", "e", None, None),
        ("OTHER", "a", "decreasing", -1.0),
    ],
    columns=["indicator", "ref_area", "trend", "log_growth"],
).assign(time_window="w")
CASES = pd.DataFrame({"case_id": ["case-1", "case-2", "case-3"], "indicator": [None, None, "UP"]})


def found(members: dict[tuple[str, str], list[str]]) -> Any:
    return megatrends(TRENDS, CASES, members, ["w"], TWO).set_index("megatrend")


def test_places_are_counted_for_and_against() -> None:
    row = found({("all", "city"): list("abcdef")}).loc["measured"]
    assert (row.places_of_group, row.places_assessed, row.places_for, row.places_against) == (6, 4, 2, 1)
    assert (row.coverage, row.strength, row.verdict) == (4 / 6, 0.25, "unclear")
    # Ranks: UP c, b, a of 3; DOWN d, c, b, a of 4. Means: a 1, b 17/24, c 5/12, d 1/4.
    assert (row.leading_places, row.lagging_places) == (["a"], ["d"])
    assert (row.indicators, row.cases, row.draft) == (["UP", "DOWN"], ["case-1", "case-3"], True)


@pytest.mark.parametrize(
    ("places", "verdict"), [("ab", "confirmed"), ("d", "contradicted"), ("c", "unclear")]
)
def test_the_balance_of_places_gives_the_verdict(places: str, verdict: str) -> None:
    row = found({("some", "city"): list(places)}).loc["measured"]
    assert row.verdict == verdict
    assert pd.isna(row.verdict_reason)


@pytest.mark.parametrize(
    ("places", "assessed", "coverage", "verdict", "reason"),
    [
        # a and b are for it; e has no verdict, the others no data.
        ("a" + "uvw", 1, 0.25, None, "too_few_places"),
        ("ab" + "euv", 2, 0.4, None, "too_few_places"),
        ("ab" + "eu", 2, 0.5, "confirmed", None),
    ],
)
def test_too_few_places_give_no_verdict(
    places: str, assessed: int, coverage: float, verdict: str | None, reason: str | None
) -> None:
    row = found({("some", "city"): list(places)}).replace({np.nan: None}).loc["measured"]
    assert (row.places_assessed, row.coverage, row.strength) == (assessed, coverage, 1.0)
    assert (row.verdict, row.verdict_reason) == (verdict, reason)


def test_without_assessed_places_there_is_a_reason() -> None:
    rows = found({("few", "city"): ["e", "f"]})
    for name in ("measured", "unmeasured"):
        row = rows.loc[name]
        assert (row.places_assessed, row.verdict_reason, row.leading_places) == (0, "no_verdicts", [])
        assert pd.isna(row.strength)
        assert pd.isna(row.verdict)
    assert rows.loc["unmeasured"].cases == ["case-2"]


def test_the_shipped_draft_has_fourteen_trends_and_known_cases() -> None:
    assert SHIPPED.draft
    assert len(SHIPPED.trends) == 14
    assert [d.id for d in SHIPPED.directions] == ["demography", "technology", "climate", "values"]
    known = set()
    for name in demo.BEST_PRACTICES.values():
        with (SAMPLE / name).open(encoding="utf-8", newline="") as stream:
            known |= {row["case_id"] for row in csv.DictReader(stream)}
    assert {case for trend in SHIPPED.trends for case in trend.cases} <= known


@pytest.mark.parametrize(
    ("was", "now", "expected"),
    [
        ("direction: climate", "direction: weather", r"\['weather'\] are not directions of this file"),
        ("id: ageing", "id: participation", r"\['participation'\] are repeated"),
        ("AGE65_SHARE", "AGE65", r"trends: \['AGE65'\] are not in include/catalog/indicators"),
    ],
)
def test_a_mistake_is_reported(tmp_path: Path, was: str, now: str, expected: str) -> None:
    shutil.copy(CATALOG / "megatrends.yaml", tmp_path)
    file = tmp_path / "megatrends.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace(was, now, 1), encoding="utf-8")
    with pytest.raises(CatalogueError, match=expected):
        load_megatrends(CATALOGUE, tmp_path)
