"""A method with changes: weights, parts left out, steps, and what the uncertainty analysis still varies."""

from typing import Any

import pytest

from city_indicators.analytics.ratings.changes import Changes, changed
from city_indicators.analytics.ratings.method import Method
from city_indicators.core.errors import MethodError

A, B, C, D = (
    {"indicator": name, "weight": weight, "worst": 0, "best": 10}
    for name, weight in (("A", 0.25), ("B", 0.75), ("C", 0.5), ("D", 0.5))
)


def method(**more: Any) -> Method:
    pillars = [
        {"id": "one", "weight": 0.6, "indicators": [A, B]},
        {"id": "two", "weight": 0.4, "indicators": [C, D]},
    ]
    return Method.model_validate({"id": "m", "version": "1.0.0", "name": "M", "pillars": pillars, **more})


def varied(**factors: Any) -> dict[str, Any]:
    return {"draws": 100, "seed": 1, "factors": factors}


def test_weights_are_proportions_and_other_parts_keep_theirs() -> None:
    found = changed(method(), Changes({"A": 0.75}))
    one, two = found.pillars
    assert [found.share(one, part) for part in one.parts] == [0.5, 0.5]
    assert [found.share(found.root, part) for part in (one, two)] == [0.6, 0.4]


def test_a_part_without_weight_is_left_out_with_all_below_it() -> None:
    found = changed(method(), Changes({"two": 0, "A": 0}))
    assert found.indicator_ids == ["B"]


def test_parts_of_an_equally_weighted_method_get_weights() -> None:
    bare = {"indicators": [{key: A[key] for key in ("indicator", "worst", "best")}], "pillars": []}
    equal = method(weighting="equal", **bare)
    assert changed(equal, Changes({"A": 3})).indicators[0].weight == 3


def test_a_formula_keeps_its_parts_without_weights() -> None:
    parts = [{**leaf, "weight": None} for leaf in (A, B)]
    pillar = {"id": "one", "weight": 0.5, "formula": "min(A, B)", "indicators": parts}
    found = changed(
        method(pillars=[pillar, {"id": "two", "weight": 0.5, "indicators": [C, D]}]), Changes({"one": 2})
    )
    assert [part.weight for part in found.pillars[0].parts] == [None, None]
    assert found.share(found.root, found.pillars[0]) == 0.8


def test_the_chosen_step_is_among_those_that_are_drawn() -> None:
    found = changed(
        method(uncertainty=varied(aggregation=["arithmetic", "geometric"])), Changes(aggregation="harmonic")
    )
    assert found.uncertainty
    assert found.uncertainty.factors.aggregation == ["arithmetic", "geometric", "harmonic"]


def test_shares_are_no_longer_drawn_in_a_pillar_with_other_weights() -> None:
    declared = method(uncertainty=varied(shares={"one": [0.5, 0.7], "C": [0.4, 0.6]}))
    found = changed(declared, Changes({"two": 0.6}))
    assert found.uncertainty
    assert found.uncertainty.factors.shares == {"C": (0.4, 0.6)}
    assert changed(declared, Changes({"two": 0})).uncertainty is None


def test_the_changed_method_is_not_accepted() -> None:
    bounds = {"cronbach_alpha": 0.6, "correlation": [-0.3, 0.9], "importance": 0.2, "rank_interval": 0.3}
    accepted = {"by": "A. Referee", "on": "2026-11-29", "reason": "the pillar is formative, not reflective"}
    found = changed(method(coherence={**bounds, "accepted": accepted}), Changes({"A": 0.5}))
    assert found.coherence
    assert found.coherence.accepted is None


def test_a_pillar_needs_a_part() -> None:
    with pytest.raises(MethodError, match="one: all its parts have the weight 0"):
        changed(method(), Changes({"A": 0, "B": 0}))


def test_an_impossible_step_is_refused_with_its_reason() -> None:
    with pytest.raises(MethodError, match="needs a target, which its normalisation uses"):
        changed(method(), Changes(normalisation="distance_to_target"))
