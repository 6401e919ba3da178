"""Formulas of pillars, and the steps that a pillar's score takes, compared with results by hand."""

import gc
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from math import nan, sqrt
from typing import Any

import numpy as np
import pytest

from city_indicators.analytics.ratings.coherence import coherence
from city_indicators.analytics.ratings.engine import Rating, rate
from city_indicators.analytics.ratings.formula import calculated, names_in
from city_indicators.analytics.ratings.sensitivity import sensitivity
from city_indicators.analytics.ratings.uncertainty import uncertainty
from city_indicators.core.errors import MethodError
from tests.analytics.ratings.small import method, observations, rated, scores


def pillar(name: str, *indicators: str, **changes: Any) -> dict[str, Any]:
    return {"id": name, "indicators": [{"indicator": each} for each in indicators], **changes}


def pillar_scores(rating: Rating, name: str, column: str = "score") -> dict[str, float]:
    rows = rating.pillars[rating.pillars["pillar"] == name]
    return dict(zip(rows["ref_area"], rows[column], strict=True))


def of_pillars(*pillars: dict[str, Any], **changes: Any) -> Any:
    return method(indicators=[], pillars=list(pillars), **changes)


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("a + 2 * b", 11),
        ("a - b", -1),
        ("(a + b) / 2", 3.5),
        ("a / b", 0.75),
        ("a * b", 12),
        ("a ** 2", 9),
        ("b ** 0.5", 2),
        ("-a", -3),
        ("1 - a", -2),
        ("min(a, b, 2.5)", 2.5),
        ("max(a, b)", 4),
        ("sqrt(b) + log(exp(a))", 5),
        ("100 - 0.5 * a + 1e1", 108.5),
        ("round(a / 7, 2)", 0.43),
    ],
)
def test_formulas_by_hand(formula: str, expected: float) -> None:
    assert calculated(formula, {"a": np.array([3.0]), "b": np.array([4.0])}) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("formula", "fault"),
    [
        ("", "cannot be read; allowed are numbers, names"),
        ("a +", "cannot be read"),
        ("a; b", "cannot be read"),
        ("a if b else c", "has 'a if b else c', but allowed are numbers"),
        ("a.b", "has 'a.b'"),
        ("a[0]", r"has 'a\[0\]'"),
        ("'a'", "has \"'a'\""),
        ("True", "has 'True'"),
        ("1j", "has '1j'"),
        ("a // b", "has 'a // b'"),
        ("a < b", "has 'a < b'"),
        ("lambda: a", "has 'lambda: a'"),
        ("open(a)", r"has 'open\(a\)'"),
        ("sqrt(a, b)", r"has 'sqrt\(a, b\)'"),
        ("round(a)", r"has 'round\(a\)'"),
        ("round(a, b)", r"has 'round\(a, b\)'"),
        ("round(a, 99)", r"has 'round\(a, 99\)'"),
        ("min(a)", r"has 'min\(a\)'"),
        ("min(*a)", r"has 'min\(\*a\)'"),
        ("min(a, b, key=c)", "has 'min"),
        ("__import__('os').system('true')", "has "),
        ("1" + "0" * 400, "has '1000"),
        ("a + " * 400 + "a", "has 1601 characters, more than 1000"),
        ("(" * 400 + "a" + ")" * 400, "cannot be read"),
    ],
)
def test_anything_else_is_no_formula(formula: str, fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        names_in(formula)


def test_an_inequality_of_two_groups() -> None:
    """The form of UNDP's Gender Inequality Index: 1 - harmonic mean of the groups / mean of the groups.

    Women have √(0.4 × 0.9) = 0.6, men √(0.8 × 0.8) = 0.8; the harmonic mean is 0.96 / 1.4, the mean 0.7.
    """
    how = of_pillars(
        pillar("women", "work_w", "school_w", aggregation="geometric"),
        pillar("men", "work_m", "school_m", aggregation="geometric"),
        formula="1 - 2 / (1 / women + 1 / men) / ((women + men) / 2)",
    )
    rating = rated(how, {"x": {"work_w": 0.4, "school_w": 0.9, "work_m": 0.8, "school_m": 0.8}})
    assert pillar_scores(rating, "women") == {"x": pytest.approx(0.6)}
    assert scores(rating) == {"x": pytest.approx(1 - 0.96 / 1.4 / 0.7)}


def test_a_formula_may_use_an_aggregate_again_that_is_deeper() -> None:
    """Product and complement, as of UNDP's index adjusted for planetary pressures; b counts twice."""
    how = of_pillars(
        {"id": "human", "indicators": [{"indicator": "a"}], "pillars": [pillar("school", "b", "c")]},
        pillar("pressure", "d"),
        formula="human * (1 - pressure / 100) + 0.1 * school + 5",
    )
    rating = rated(how, {"x": {"a": 80, "b": 40, "c": 60, "d": 25}})
    # School 50, human (80 + 50) / 2 = 65: 65 × 0.75 + 5 + 5.
    assert scores(rating) == {"x": pytest.approx(58.75)}


def test_a_floor_caps_another_indicator() -> None:
    """Little energy is no merit where people have no electricity: min(energy, access)."""
    leaves = [
        {"indicator": "energy", "worst": 100, "best": 0},
        {"indicator": "access", "worst": 0, "best": 50},
    ]
    how = method(
        indicators=[],
        normalisation="goalposts",
        pillars=[{"id": "use", "formula": "min(energy, access)", "indicators": leaves}],
    )
    units = {"rich": {"energy": 60, "access": 50}, "poor": {"energy": 5, "access": 10}, "gap": {"energy": 5}}
    rating = rated(how, units)
    assert scores(rating) == {"gap": pytest.approx(nan, nan_ok=True), "poor": 20, "rich": 40}
    assert rating.scores["rank"].fillna(0).tolist() == [0, 2, 1]
    assert rating.scores["reason_code"].fillna("").tolist() == ["pillar_incomplete:use", "", ""]


def test_an_undefined_result_stops_the_rating_and_names_the_cell() -> None:
    how = of_pillars(pillar("ratio", "a", "b", formula="a / b"))
    values = observations({"x": {"a": 1, "b": 2}, "y": {"a": 1, "b": 0}}, "2020")
    with pytest.raises(
        MethodError,
        match=r"^ratio: formula 'a / b' has no finite result for y 2020: a = 1, b = 0\. Next step: .*"
        r"\(undefined: missing\)$",
    ):
        rate(how, ["x", "y"], values)


@pytest.mark.parametrize("on", ["method", "pillar"])
@pytest.mark.parametrize(
    "how", [{"aggregation": "geometric"}, {"aggregation": "harmonic"}, {"formula": "log(a) + log(b)"}]
)
def test_an_undefined_score_may_be_missing(on: str, how: dict[str, Any]) -> None:
    """The unit has no score at all: with the weight of its zero on other parts it would gain by it."""
    undefined = {"undefined": "missing"}
    declared = of_pillars(
        pillar("one", "a", "b", **how, **(undefined if on == "pillar" else {})),
        pillar("two", "c"),
        **(undefined if on == "method" else {}),
    )
    units = {"x": {"a": 4, "b": 9, "c": 1}, "y": {"a": 0, "b": 9, "c": 100}, "z": {"b": 9, "c": 3}}
    rating = rated(declared, units)
    assert rating.scores["reason_code"].fillna("").tolist() == ["", "undefined:one", ""]
    assert np.isnan(scores(rating)["y"])
    assert pillar_scores(rating, "two") == {"x": 1, "y": 100, "z": 3}
    assert rating.scores["status"].tolist() == ["ranked", "not_ranked", "ranked"]


def test_a_score_is_imputed_by_the_mean_of_its_group() -> None:
    """The mean of the group's scores, not the score of its mean values; nobody else's group counts."""
    how = of_pillars(
        pillar("one", "a", "b", aggregation="geometric", missing={"policy": "mean", "group": "region"}),
        pillar("two", "c"),
    )
    units = {
        "n1": {"a": 1, "b": 4, "c": 10},
        "n2": {"a": 4, "b": 9, "c": 10},
        "n3": {"c": 10},
        "s1": {"a": 81, "b": 1, "c": 10},
        "s2": {"c": 20},
        "none": {"c": 30},
    }
    groups = {"n1": "north", "n2": "north", "n3": "north", "s1": "south", "s2": "south", "none": None}
    table = observations(units)[["ref_area"]].drop_duplicates()
    rating = rated(how, units, groups=table.assign(region=table["ref_area"].map(groups)))
    one = pillar_scores(rating, "one")
    assert np.isnan(one.pop("none"))
    assert one == pytest.approx({"n1": 2, "n2": 6, "n3": 4, "s1": 9, "s2": 9})
    assert pillar_scores(rating, "one", "imputed") == {
        **dict.fromkeys(("n1", "n2", "s1", "none"), False),
        **dict.fromkeys(("n3", "s2"), True),
    }
    assert scores(rating) == pytest.approx({"n1": 6, "n2": 8, "n3": 7, "s1": 9.5, "s2": 14.5, "none": 30})
    contributions = pillar_scores(rating, "one", "contribution")
    assert (contributions["n3"], contributions["n1"]) == (pytest.approx(2), pytest.approx(1))


def test_a_median_over_all_imputes_no_unit_outside_the_rated_group_nor_an_undefined_score() -> None:
    how = of_pillars(
        pillar("one", "a", aggregation="geometric", missing="median"),
        pillar("two", "c"),
        group="members",
        undefined="missing",
    )
    units = {
        "p": {"a": 1, "c": 1},
        "q": {"a": 3, "c": 1},
        "r": {"c": 1},
        "s": {"a": -1, "c": 1},
        "t": {"a": 99},
    }
    table = observations(units)[["ref_area"]].drop_duplicates()
    rating = rated(
        how, units, groups=table.assign(members=table["ref_area"].map(lambda u: None if u == "t" else "m"))
    )
    one = pillar_scores(rating, "one")
    assert {unit: one[unit] for unit in "pqr"} == pytest.approx({"p": 1, "q": 3, "r": 2})
    assert np.isnan(one["s"])
    assert "t" not in one


def test_a_second_stage_normalises_the_scores_of_a_first() -> None:
    """An index of indices: the means 3, 5, 11 become 0, 25, 100; the ranks of the others 3, 2, 1."""
    how = of_pillars(
        pillar("one", "a", "b", normalisation="min_max", direction="higher"),
        pillar("two", "c", normalisation="rank", direction="lower"),
    )
    units = {"x": {"a": 1, "b": 5, "c": 7}, "y": {"a": 5, "c": 8}, "z": {"a": 10, "b": 12, "c": 9}}
    rating = rated(how, units)
    assert pillar_scores(rating, "one") == {"x": 0, "y": 25, "z": 100}
    assert pillar_scores(rating, "two") == {"x": 3, "y": 2, "z": 1}
    assert scores(rating) == {"x": 1.5, "y": 13.5, "z": 50.5}
    # The contribution of a pillar is known, that of its indicators is not: its score is not their mean.
    assert pillar_scores(rating, "one", "contribution") == {"x": 0, "y": 12.5, "z": 50}
    assert rating.indicators["contribution"].isna().all()


def test_goalposts_of_a_score() -> None:
    how = of_pillars(pillar("one", "a", normalisation="goalposts", worst=20, best=10))
    assert scores(rated(how, {"x": {"a": 10}, "y": {"a": 18}, "z": {"a": 99}})) == {"x": 100, "y": 20, "z": 0}


FAULTS = {
    "unknown name": ({"formula": "a + c"}, r"one: formula 'a \+ c' names \['c'\], which are not below"),
    "unused part": ({"formula": "2 * a"}, r"one: formula '2 \* a' does not use \['b'\]"),
    "no formula": ({"formula": "a &"}, "one: formula 'a &' cannot be read; allowed are numbers"),
    "both": ({"formula": "a + b", "aggregation": "geometric"}, "one: has an aggregation and a formula"),
    "other years": ({"missing": "linear"}, "one: a missing score is imputed by mean or median"),
    "share": (
        {"missing": {"policy": "mean", "max_share": 0.5}},
        "one: the missing of a pillar has only policy",
    ),
    "band alone": ({"band": {"best": [1, 2]}}, r"one: \['band'\] need a normalisation"),
    "goal alone": ({"direction": "lower"}, r"one: \['direction'\] need a normalisation"),
    "no goalposts": (
        {"normalisation": "goalposts"},
        "one: needs worst and best, which its normalisation uses",
    ),
    "pooled": (
        {"normalisation": {"method": "min_max", "sample": "pooled"}, "direction": "higher"},
        "one: the score of a pillar is normalised in each period",
    ),
    "logarithm": ({"log": True}, "one: the logarithm of a score is taken by a formula"),
    "undefined how": ({"undefined": "zero"}, "Input should be 'refused' or 'missing'"),
}


@pytest.mark.parametrize(("changes", "fault"), FAULTS.values(), ids=FAULTS.keys())
def test_a_pillar_that_cannot_be_computed(changes: dict[str, Any], fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        of_pillars(pillar("one", "a", "b", **changes))


def test_parts_of_a_formula_have_no_weights() -> None:
    part = {"id": "one", "weight": 0.5, "indicators": [{"indicator": "a", "weight": 1}]}
    with pytest.raises(ValueError, match=r"index: parts of a formula have no weights, but \['one'\] have"):
        method(indicators=[], pillars=[part], formula="one", weighting="relative")


def test_analyses_of_a_formula() -> None:
    """Leaving out a part of a formula means nothing: only parts with a weight are left out."""
    factors = {"drop_indicator": True, "weights": 0.5}
    how = of_pillars(
        pillar("one", "a", "b", formula="sqrt(a * b)"),
        pillar("two", "c", "d"),
        uncertainty={"draws": 100, "seed": 1, "sobol": 8, "factors": factors},
    )
    units = {f"u{n}": {"a": n, "b": n + 1, "c": 20 - n * n, "d": n % 3} for n in range(1, 7)}
    rating = rated(how, units)
    assert scores(rating)["u2"] == pytest.approx((sqrt(6) + 9) / 2)
    table = sensitivity(rating.steps)
    assert table.query("kind == 'left_out'")["factor"].tolist() == ["c", "d", "one", "two"]
    drawn = uncertainty(rating.steps)
    assert {row["drop_indicator"] for row in drawn.draws["parameters"]} == {"c", "d"}
    assert drawn.intervals[["rank_p05", "rank_p95"]].notna().all(axis=None)
    weights = coherence(rating.steps).query("statistic == 'weight'")
    assert dict(zip(weights["part"], weights["value"], strict=True)) == {
        "one": 0.5,
        "two": 0.5,
        "c": 0.25,
        "d": 0.25,
    }


def test_nothing_can_be_left_out_of_formulas_alone() -> None:
    how = of_pillars(pillar("one", "a", "b", formula="a / b"), formula="1 - one")
    rating = rated(how, {f"u{n}": {"a": n, "b": n * n} for n in range(1, 5)})
    assert sensitivity(rating.steps).empty
    assert rating.scores["score"].tolist() == pytest.approx([0, 1 / 2, 2 / 3, 3 / 4])


def test_a_draw_without_any_weight_is_refused() -> None:
    factors = {"drop_indicator": True}
    with pytest.raises(
        ValueError, match=r"factors\.drop_indicator: no indicator has a weight, only formulas"
    ):
        of_pillars(
            pillar("one", "a", "b", formula="a / b"),
            uncertainty={"draws": 100, "seed": 1, "factors": factors},
        )


@pytest.fixture
def often_switching() -> Iterator[None]:
    """Threads change places while Python collects garbage, which it does all the time."""
    before, interval = gc.get_threshold(), sys.getswitchinterval()

    def count(_phase: str, _info: dict[str, int]) -> None:
        sum(range(50))

    gc.callbacks.append(count)
    gc.set_threshold(5, 2, 2)
    sys.setswitchinterval(1e-6)
    yield
    gc.callbacks.remove(count)
    gc.set_threshold(*before)
    sys.setswitchinterval(interval)


def test_formulas_are_read_by_many_threads_at_once(often_switching: None) -> None:
    def read(number: int) -> list[str]:
        return names_in("+".join(f"max(a{number}, b{each} * {each}.5)" for each in range(12)))

    with ThreadPoolExecutor(10) as pool:
        found = list(pool.map(read, range(500)))
    assert [names[0] for names in found] == [f"a{number}" for number in range(500)]
