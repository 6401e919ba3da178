"""Draws of the uncertainty analysis: distributions, and reproducibility from stored parameters."""

from math import prod
from typing import Any

import numpy as np
import pandas as pd
import pytest

from city_indicators.analytics.ratings.draws import SampleDesign
from city_indicators.analytics.ratings.engine import Rating, rate
from city_indicators.analytics.ratings.steps import Factors
from city_indicators.analytics.ratings.uncertainty import drawn_scores, scenarios, uncertainty
from city_indicators.core.errors import MethodError
from tests.analytics.ratings.small import method, observations

# Declared shares: A 1/4 and B 3/4 of pillar one, C all of pillar two; one 2/5, two 3/5.
UNITS = {
    "w": {"A": 10, "B": 90, "C": 30},
    "x": {"A": 30, "B": 60, "C": 50},
    "y": {"A": 80, "B": 20, "C": 70},
    "z": {"A": 50, "B": 40, "C": 20},
}
LOW, HIGH = 10, 100
STATUSES = {"w": "A", "x": "E", "y": "A", "z": "P"}


def drawn(**factors: Any) -> tuple[Rating, SampleDesign]:
    """A rating of two pillars, with an uncertainty analysis of `factors`."""
    goalposts = {name: {"indicator": name, "worst": 0, "best": 100} for name in "ABC"}
    pillars = [
        {
            "id": "one",
            "weight": 0.4,
            "indicators": [{**goalposts["A"], "weight": 0.25}, {**goalposts["B"], "weight": 0.75}],
        },
        {"id": "two", "weight": 0.6, "indicators": [{**goalposts["C"], "weight": 1}]},
    ]
    how = method(
        weighting="given",
        normalisation="goalposts",
        scale=[LOW, HIGH],
        indicators=[],
        pillars=pillars,
        uncertainty={"draws": 100, "seed": 7, "factors": factors},
    )
    values = observations(UNITS)
    rating = rate(how, sorted(UNITS), values.assign(obs_status=values["ref_area"].map(STATUSES)))
    return rating, rating.steps.design


def scores_of(rating: Rating, design: SampleDesign) -> tuple[np.ndarray, list[dict[str, Any]]]:
    """The scores of every draw, and its stored parameters."""
    stored = uncertainty(rating.steps).draws
    assert stored["draw"].tolist() == list(range(100))
    return drawn_scores(rating.steps, design, design.monte_carlo(), 0), stored["parameters"].tolist()


def scores_of_all(rating: Rating) -> tuple[np.ndarray, list[dict[str, Any]]]:
    """The same, for any number of draws."""
    design = rating.steps.design
    choices = design.monte_carlo()
    return drawn_scores(rating.steps, design, choices, 0), design.parameters(choices)


def by_hand(parameters: dict[str, Any], values: dict[str, float]) -> float:
    """The score of a unit in a draw, calculated from the stored parameters only."""
    if parameters.get("normalisation", "goalposts") == "min_max":
        ends = {name: [own[name] for own in UNITS.values()] for name in "ABC"}
        position = {n: (values[n] - min(ends[n])) / (max(ends[n]) - min(ends[n])) for n in "ABC"}
    else:
        position = {name: min(max(values[name] / 100, 0), 1) for name in "ABC"}
    score = {name: LOW + (HIGH - LOW) * position[name] for name in "ABC"}
    weight = parameters["weight"]

    def mean(*names: str) -> float:
        total = sum(weight[name] for name in names)
        if parameters.get("aggregation") == "geometric":
            return prod(score[name] ** (weight[name] / total) for name in names)
        return sum(score[name] * weight[name] for name in names) / total

    score["one"] = mean("A", "B")
    present = ["one", "two"] if weight["C"] else ["one"]
    score["two"] = score["C"]
    return mean(*present)


def test_every_draw_is_reproducible_from_its_parameters() -> None:
    rating, design = drawn(
        normalisation=["goalposts", "min_max"],
        aggregation=["arithmetic", "geometric"],
        weights=0.25,
        drop_indicator=True,
    )
    found, stored = scores_of(rating, design)
    for scores, parameters in zip(found, stored, strict=True):
        expected = [by_hand(parameters, values) for values in UNITS.values()]
        assert scores.tolist() == pytest.approx(expected, abs=1e-9)
    settings = {(p["normalisation"], p["aggregation"], p["drop_indicator"]) for p in stored}
    assert len(settings) == 2 * 2 * 3


def test_noise_is_reproducible_from_seed_and_replicate() -> None:
    rating, design = drawn(noise={"A": 0.02, "E": 0.1})
    found, stored = scores_of(rating, design)
    factor = list(type(rating.steps.chain.method.uncertainty.factors).model_fields).index("noise")
    deviation = [0.02, 0.1, 0.02, 0]
    for draw in (0, 41, 99):
        deviates = np.random.default_rng([7, factor, stored[draw]["noise"]]).standard_normal((4, 3))
        for unit, (name, own) in enumerate(UNITS.items()):
            noisy = {
                key: own[key] * np.exp(deviation[unit] * deviates[unit, column])
                for column, key in enumerate("ABC")
            }
            assert found[draw, unit] == pytest.approx(by_hand(stored[draw], noisy), abs=1e-9), name
    # No noise is declared for P.
    assert np.ptp(found[:, 3]) == pytest.approx(0, abs=1e-12)
    assert (np.ptp(found[:, :3], axis=0) > 1).all()


def nationals(**columns: Any) -> Rating:
    """Units v and w share an observation of country R; x has one of S; y and z have their own."""
    places = {"v": "R", "w": "R", "x": "S", "y": "y", "z": "z"}
    units = {unit: {"A": 10} for unit in places}
    declared = {"draws": 400, "seed": 7, "factors": {"noise": {"A": 0.1}}}
    values = observations(units, obs_status="A", raw_time_period="2020", source="s")
    values = values.assign(source_ref_area=values["ref_area"].map(places), **columns)
    return rate(method("A", uncertainty=declared), sorted(units), values)


def test_a_shared_observation_gets_the_same_noise() -> None:
    rating = nationals()
    found, stored = scores_of_all(rating)
    factor = list(Factors.model_fields).index("noise")
    for draw in (0, 399):
        # v and w share the first deviate; the others have their own.
        v, _, x, y, z = np.random.default_rng([7, factor, stored[draw]["noise"]]).standard_normal(5)
        expected = [10 * np.exp(0.1 * deviate) for deviate in (v, v, x, y, z)]
        assert found[draw].tolist() == pytest.approx(expected, abs=1e-12)
    pairs = uncertainty(rating.steps).pairs.set_index(["ref_area", "other_ref_area"])
    # Always equal: each draw counts half for either.
    assert pairs.loc[("v", "w"), ["p_above", "tied"]].tolist() == [0.5, True]
    assert pairs.loc[("w", "v"), "p_above"] == 0.5
    assert pairs.loc[("v", "x"), "p_above"] == pytest.approx(0.5, abs=0.1)
    assert pairs.loc[("v", "x"), "p_above"] == pairs.loc[("w", "x"), "p_above"]
    assert pairs.loc[("v", "x"), "p_above"] + pairs.loc[("x", "v"), "p_above"] == pytest.approx(1, abs=1e-12)


@pytest.mark.parametrize("other", [{"raw_time_period": list("12345")}, {"source": list("abcde")}])
def test_values_of_other_years_or_sources_are_not_shared(other: dict[str, Any]) -> None:
    found, _ = scores_of_all(nationals(**other))
    assert (found[:, 0] != found[:, 1]).all()


def test_values_of_unknown_origin_are_varied_separately() -> None:
    declared = {"draws": 100, "seed": 7, "factors": {"noise": {"A": 0.1}}}
    units = {"v": {"A": 10}, "w": {"A": 10}}
    rating = rate(method("A", uncertainty=declared), sorted(units), observations(units, obs_status="A"))
    found, _ = scores_of(rating, rating.steps.design)
    assert (found[:, 0] != found[:, 1]).all()


def test_values_are_shared_within_a_year() -> None:
    """Values are shared within a year, not with those of another year."""
    first = nationals().steps.chain.panel.shared_values
    assert first.tolist() == [[[0], [0], [2], [3], [4]]]
    units = {"v": {"A": 1, "B": 2}, "w": {"A": 1, "B": 2}}
    both = [
        observations(units, year, source="s", raw_time_period="2019").assign(source_ref_area="R")
        for year in ("2020", "2021")
    ]
    own = {"w": {"B": 2}}
    both.append(observations(own, "2022", source="s", raw_time_period="2019").assign(source_ref_area="R"))
    panel = rate(method("A", "B"), ["v", "w"], pd.concat(both)).steps.chain.panel
    assert panel.shared_values.tolist() == [[[0, 1], [0, 1]], [[0, 1], [0, 1]], [[0, 1], [2, 3]]]


def test_an_imputed_value_has_the_noise_of_imputed_values() -> None:
    """B of x is imputed and has the noise of I; all others are A, without declared noise."""
    units = {"w": {"A": 1, "B": 3}, "x": {"A": 2}, "y": {"A": 5, "B": 9}}
    factors = {"noise": {"I": 0.2}}
    how = method("A", "B", missing="median", uncertainty={"draws": 100, "seed": 7, "factors": factors})
    rating = rate(how, sorted(units), observations(units, obs_status="A"))
    found, _ = scores_of(rating, rating.steps.design)
    assert found[:, [0, 2]].tolist() == [[2, 7]] * 100
    logarithms = np.log((2 * found[:, 1] - 2) / 6)
    assert logarithms.std() == pytest.approx(0.2, rel=0.2)


def test_weights_fill_their_bounds() -> None:
    _, stored = scores_of(*drawn(weights=0.25))
    for name, declared in {"A": 0.25, "B": 0.75, "C": 1, "one": 0.4, "two": 0.6}.items():
        ratios = [parameters["weight"][name] / declared for parameters in stored]
        assert 0.75 <= min(ratios) < 0.79
        assert 1.21 < max(ratios) <= 1.25


def test_dirichlet_weights_sum_to_one_around_the_declared_ones() -> None:
    for concentration, within in ((10, 0.05), (1000, 0.005)):
        _, stored = scores_of(*drawn(dirichlet=concentration))
        weights = pd.DataFrame([parameters["weight"] for parameters in stored])
        assert (weights["A"] + weights["B"]).tolist() == pytest.approx([1] * 100, abs=1e-9)
        assert (weights["one"] + weights["two"]).tolist() == pytest.approx([1] * 100, abs=1e-9)
        assert weights["A"].mean() == pytest.approx(0.25, abs=within)
        # The variance of a share s is s (1 - s) / (concentration + 1).
        expected = (0.25 * 0.75 / (concentration + 1)) ** 0.5
        assert weights["A"].std() == pytest.approx(expected, rel=0.25)


def test_a_share_is_within_its_bounds_and_others_get_the_rest() -> None:
    _, stored = scores_of(*drawn(shares={"one": [0.3, 0.7]}))
    shares = [parameters["weight"]["one"] for parameters in stored]
    assert 0.3 <= min(shares) < 0.33
    assert 0.67 < max(shares) <= 0.7
    for parameters in stored:
        assert parameters["weight"]["two"] == pytest.approx(1 - parameters["weight"]["one"], abs=1e-9)


def test_two_shares_of_a_pillar_keep_their_bounds() -> None:
    """C and D split the rest 3 : 1, as declared: 0.15 and 0.05."""
    weights = {"A": 0.4, "B": 0.4, "C": 0.15, "D": 0.05}
    leaves = [{"indicator": name, "weight": weight} for name, weight in weights.items()]
    bounds = {"A": [0.24, 0.56], "B": [0, 0.3]}
    declared = {"draws": 100, "seed": 7, "factors": {"shares": bounds}}
    how = method(weighting="given", indicators=leaves, uncertainty=declared)
    units = {"x": {"A": 1, "B": 2, "C": 3, "D": 4}}
    _, stored = scores_of(rating := rate(how, ["x"], observations(units)), rating.steps.design)
    drawn_weights = pd.DataFrame([parameters["weight"] for parameters in stored])
    for name, (low, high) in bounds.items():
        assert low <= drawn_weights[name].min() < low + 0.03
        assert high - 0.03 < drawn_weights[name].max() <= high
    rest = 1 - drawn_weights["A"] - drawn_weights["B"]
    assert drawn_weights["C"].tolist() == pytest.approx((0.75 * rest).tolist(), abs=1e-9)
    assert drawn_weights["D"].tolist() == pytest.approx((0.25 * rest).tolist(), abs=1e-9)


def test_a_dropped_indicator_has_no_weight_in_its_draw() -> None:
    _, stored = scores_of(*drawn(drop_indicator=True))
    assert {parameters["drop_indicator"] for parameters in stored} == set("ABC")
    for parameters in stored:
        weights = {name: parameters["weight"][name] for name in "ABC"}
        dropped = parameters["drop_indicator"]
        assert weights == {**{"A": 0.25, "B": 0.75, "C": 1}, dropped: 0}


def test_imputation_and_outliers_are_varied_too() -> None:
    many = {f"u{number:02}": {"A": float(number), "B": number % 2} for number in range(20)}
    many |= {"u20": {"A": 400, "B": 1}, "u21": {"A": 300}}
    how = method(
        "A",
        "B",
        missing="none",
        treatment={"winsorise": 2},
        uncertainty={
            "draws": 100,
            "seed": 1,
            "factors": {"missing": ["none", "mean"], "winsorise": [0, 1, 2]},
        },
    )
    rating = rate(how, sorted(many), observations(many))
    found, stored = scores_of(rating, rating.steps.design)
    mean = 11 / 21
    # After one step 400 and 300 are still outliers, and nothing is changed; after two they are 19.
    treated = {0: (400, 300), 1: (400, 300), 2: (19, 19)}
    for scores, parameters in zip(found, stored, strict=True):
        first, second = treated[int(parameters["winsorise"])]
        lone = second if parameters["missing"] == "none" else (second + mean) / 2
        assert scores[20:].tolist() == pytest.approx([(first + 1) / 2, lone], abs=1e-9)
    assert len({(parameters["winsorise"], parameters["missing"]) for parameters in stored}) == 3 * 2


@pytest.mark.parametrize("change", [{"aggregation": "geometric"}, {"normalisation": "min_max"}])
def test_a_scenario_equals_the_rating_of_such_a_method(change: dict[str, str]) -> None:
    ((factor, value),) = change.items()
    first = "arithmetic" if factor == "aggregation" else "goalposts"
    rating, _ = drawn(**{factor: [first, value]})
    how = rating.steps.chain.method
    values = observations(UNITS)
    same = type(how).model_validate({**how.model_dump(exclude_unset=True), **change, "uncertainty": None})
    expected = rate(same, sorted(UNITS), values).scores
    found = scenarios(rating.steps)
    alone = found[found["scenario"] == f"{factor}:{value}"]
    assert alone["score"].tolist() == pytest.approx(expected["score"].tolist(), abs=1e-12)
    assert alone["rank"].tolist() == expected["rank"].tolist()
    declared = found[found["scenario"] == f"{factor}:{first}"]
    assert declared["score"].tolist() == pytest.approx(rating.scores["score"].tolist(), abs=1e-12)


def test_a_pillar_keeps_its_own_aggregation_in_every_draw() -> None:
    """The form of the Human Development Index: geometric above, arithmetic in a pillar.

    x: (10 + 30) / 2 = 20 and 80, so √1600 = 40, or 2 / (1/20 + 1/80) = 32. y: 40 and 10, so 20, or 16.
    """
    units = {"x": {"A": 10, "B": 30, "C": 80}, "y": {"A": 40, "B": 40, "C": 10}}
    ways = ["geometric", "harmonic"]
    one = {"id": "one", "aggregation": "arithmetic", "indicators": [{"indicator": name} for name in "AB"]}
    how = method(
        indicators=[],
        pillars=[one, {"id": "two", "indicators": [{"indicator": "C"}]}],
        aggregation="geometric",
        uncertainty={"draws": 100, "seed": 7, "factors": {"aggregation": ways}},
    )
    rating = rate(how, sorted(units), observations(units))
    assert rating.scores["score"].tolist() == pytest.approx([40, 20], abs=1e-12)
    # Geometric in all pillars: the mean of 10 and 30 is √300.
    assert rating.scores["score_geometric"].tolist() == pytest.approx([(300**0.5 * 80) ** 0.5, 20], abs=1e-12)
    assert rating.scores["score_arithmetic"].tolist() == pytest.approx([50, 25], abs=1e-12)
    found, stored = scores_of(rating, rating.steps.design)
    expected = {"geometric": [40, 20], "harmonic": [32, 16]}
    assert {parameters["aggregation"] for parameters in stored} == set(ways)
    for scores, parameters in zip(found, stored, strict=True):
        assert scores.tolist() == pytest.approx(expected[parameters["aggregation"]], abs=1e-12)
    alone = scenarios(rating.steps).groupby("scenario")["score"].agg(list)
    for way in ways:
        assert alone[f"aggregation:{way}"] == pytest.approx(expected[way], abs=1e-12)


def test_a_method_without_an_analysis_has_none() -> None:
    rating = rate(method("A", "B", "C"), sorted(UNITS), observations(UNITS))
    with pytest.raises(MethodError, match="index declares no uncertainty analysis"):
        uncertainty(rating.steps)


def test_noise_without_any_status_is_refused() -> None:
    how = method("A", "B", "C", uncertainty={"draws": 100, "seed": 1, "factors": {"noise": {"A": 0.1}}})
    rating = rate(how, sorted(UNITS), observations(UNITS))
    with pytest.raises(MethodError, match="the observations have no obs_status"):
        uncertainty(rating.steps)


def test_noise_without_data_gives_empty_tables() -> None:
    how = method("A", "B", "C", uncertainty={"draws": 100, "seed": 1, "factors": {"noise": {"A": 0.1}}})
    of_others = observations({"elsewhere": UNITS["w"]}).assign(obs_status="A")
    rating = rate(how, sorted(UNITS), of_others)
    found = uncertainty(rating.steps)
    assert found.intervals.empty
    assert found.ranks.empty
    assert found.pairs.empty
    assert len(rating.scores.merge(found.intervals, "left", ["time_period", "ref_area"])) == len(UNITS)


def test_weights_can_be_drawn_both_ways_at_once() -> None:
    _, alone = scores_of(*drawn(dirichlet=100))
    _, both = scores_of(*drawn(dirichlet=100, weights=0.25))
    ratios = [own["weight"]["A"] / before["weight"]["A"] for own, before in zip(both, alone, strict=True)]
    assert 0.75 <= min(ratios) < 0.8
    assert 1.2 < max(ratios) <= 1.25
