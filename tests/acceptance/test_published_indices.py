"""The rating engine reproduces published indices, through the public command and YAML methods."""

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from tests.acceptance import asem as of_asem
from tests.acceptance.asem import INDEX, VARIANTS, Asem
from tests.acceptance.formulas import copeland, geometric
from tests.acceptance.published import BOLIVIA, HUMAN_DEVELOPMENT
from tests.acceptance.runs import Comparison, pillar_scores, read
from tests.acceptance.table import BEGIN, DOCUMENT, END, HEADER, row


def test_every_value_agrees_to_the_precision_of_its_reference(found: list[Comparison]) -> None:
    beyond = [
        f"{c.index}, {c.variant}, {c.what}: {c.difference:g}" for c in found if not c.difference <= c.within
    ]
    assert beyond == []


def test_all_published_values_are_compared(found: list[Comparison]) -> None:
    observations = {(c.index, c.variant, c.what): c.observations for c in found}
    assert len(observations) == len(found)
    units, parts, indicators = 51, 11, 49
    for variant in set(VARIANTS) - {"noimpute_thresh0.9"}:
        assert observations[of_asem.NAME, variant, "scores"] == units * parts
        assert observations[of_asem.NAME, variant, "normalised observations"] == units * indicators
    # 65 values are missing, and 95 scores of pillars with less than nine tenths of their parts.
    assert (
        observations[of_asem.NAME, "noimpute_thresh0.9", "normalised observations"] == units * indicators - 65
    )
    assert observations[of_asem.NAME, "noimpute_thresh0.9", "scores"] == units * parts - 95
    assert observations[of_asem.NAME, "panel of 5 years", "scores"] == 5 * 46 * 3
    assert observations[BOLIVIA, "as published", "scores"] == 339
    assert observations[HUMAN_DEVELOPMENT, "HDI", "scores, rounded"] == 193
    assert observations[HUMAN_DEVELOPMENT, "HDI", "ranks"] == 193
    for index, countries in (("GDI", 182), ("IHDI", 165), ("PHDI", 154), ("GII", 166)):
        assert observations[HUMAN_DEVELOPMENT, index, "scores"] == countries


def test_formulas_by_hand() -> None:
    parts = pd.DataFrame({"one": [1.0, 4, 9], "other": [8.0, 4, 1], "third": [1.0, 2, 3]})
    assert geometric(parts).tolist() == pytest.approx([2, 32 ** (1 / 3), 3], abs=1e-12)
    # The last beats both others in two of three parts, and the second beats the first.
    assert copeland(parts).tolist() == [-2, 0, 2]


def test_sobol_indices_are_within_the_intervals_of_coinr(asem: Asem) -> None:
    """COINr's intervals run from 5 % to 95 %; they are widened by ours."""
    published = read(asem.source / "variants/published_SA_indices.csv").set_index("Variable")
    ours = asem.uncertain["sensitivity"].query("kind == 'factor'").set_index("factor")
    names = {
        "Winmax": "winsorise",
        "Normalisation": "normalisation",
        "Weights": "weights",
        "Aggregation": "aggregation",
    }
    for theirs, factor in names.items():
        bounds = published.loc[theirs]
        own = ours.loc[factor]
        assert bounds["Si_q5"] - own["s1_conf"] <= own["s1"] <= bounds["Si_q95"] + own["s1_conf"], factor
        assert bounds["STi_q5"] - own["st_conf"] <= own["st"] <= bounds["STi_q95"] + own["st_conf"], factor
    assert ours["st"].idxmax() == "aggregation"


def flipped(method: dict[str, Any], code: str) -> None:
    entry = part(method, code)
    entry["direction"] = "lower" if entry["direction"] == "higher" else "higher"


def heavier(method: dict[str, Any], code: str) -> None:
    part(method, code)["weight"] *= 1.01


def undivided(method: dict[str, Any], code: str) -> None:
    del part(method, code)["denominator"]


def part(node: dict[str, Any], code: str) -> dict[str, Any]:
    """The pillar or indicator of a code."""
    for entry in [*node["pillars"], *node["indicators"]]:
        if code in (entry.get("id"), entry.get("indicator")):
            return entry
        if "id" in entry and (inner := part(entry, code)):
            return inner
    return {}


@pytest.mark.parametrize(
    ("mistake", "code"),
    [
        *((flipped, code) for code in ("CO2", "LPI", "NEET")),
        *((heavier, code) for code in ("Flights", "Forest", "Political", "Sust")),
        (undivided, "Goods"),
    ],
)
def test_a_wrong_direction_weight_or_denominator_is_caught(
    asem: Asem, mistake: Callable[[dict[str, Any], str], None], code: str
) -> None:
    method = asem.method()
    mistake(method, code)
    scores = pillar_scores(asem.rate(f"{mistake.__name__}_{code}", method), INDEX).xs(INDEX, level="part")
    reference = asem.expected("step_Aggregated").xs(INDEX, level="part")
    one = Comparison(of_asem.NAME, code, mistake.__name__, reference, scores, *of_asem.DIGITS)
    assert one.difference > 1e-3


def test_a_missing_value_on_one_side_is_a_difference() -> None:
    complete, gap = pd.Series({"a": 1.0, "b": 2.0}), pd.Series({"a": 1.0, "b": float("nan")})
    for reference, ours in (
        (complete, gap),
        (gap, complete),
        (complete, complete.head(1)),
        (complete.head(1), complete),
    ):
        assert Comparison("", "", "", reference, ours, "", 1).difference == float("inf")
    assert Comparison("", "", "", gap, gap, "", 1).difference == 0


def test_the_documented_table_is_up_to_date(found: list[Comparison]) -> None:
    """Except for the digits of the differences, which depend on the processor."""
    text = DOCUMENT.read_text(encoding="utf-8").partition(BEGIN)[2].partition(END)[0]
    header, _, *rows = [
        [cell.strip() for cell in line.strip("| ").split(" | ")] for line in text.split("\n") if line
    ]
    assert header == HEADER
    assert [cells[:-1] for cells in rows] == [row(comparison)[:-1] for comparison in found]
    for cells, comparison in zip(rows, found, strict=True):
        assert float(cells[-1]) <= comparison.within
