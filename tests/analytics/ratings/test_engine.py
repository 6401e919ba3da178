"""The rating engine, compared with results by hand.

x: A 50 of 0..100 is half the range, 10 + 90 × 0.5 = 55; B 10 of 50..0 is 0.8, 82; C 40 of 80..30 is
0.8, 82. Energy 0.75 × 55 + 0.25 × 82 = 61.75, air 82, score 0.6 × 61.75 + 0.4 × 82 = 69.85.
y: 100, 10, 10; energy 77.5, air 10, score 46.5 + 4 = 50.5.
z: 10, 100, 100; energy 32.5, air 100, score 19.5 + 40 = 59.5.
"""

from collections.abc import Callable
from functools import partial
from itertools import permutations
from typing import Any

import pandas as pd
import pytest

from city_indicators.analytics.ratings import engine
from city_indicators.analytics.ratings.engine import Rating
from city_indicators.analytics.ratings.method import Method
from city_indicators.core.errors import MethodError

X = {"A": 50, "B": 10, "C": 40}
Y = {"A": 100, "B": 50, "C": 80}
Z = {"A": 0, "B": 0, "C": 30}
CITIES = ["x", "y", "z"]

rate = partial(engine.rate, city_level=("city", "metro", "agglomeration", "urban_centre"))


@pytest.fixture(scope="module")
def method(make_method: Callable[..., Method]) -> Method:
    return make_method()


@pytest.fixture(scope="module")
def rating(method: Method, values_of: Any) -> Rating:
    return rate(method, CITIES, values_of(x=X, y=Y, z=Z))


def of(rating: Rating, city: str) -> dict[str, Any]:
    (row,) = rating.scores[rating.scores["ref_area"] == city].to_dict("records")
    return row


def by_indicator(rating: Rating, city: str, column: str) -> dict[str, float]:
    rows = rating.indicators[rating.indicators["ref_area"] == city]
    return dict(zip(rows["indicator"], rows[column], strict=True))


def by_pillar(rating: Rating, city: str, column: str) -> dict[str, float]:
    rows = rating.pillars[rating.pillars["ref_area"] == city]
    return dict(zip(rows["pillar"], rows[column], strict=True))


def ranks(rating: Rating) -> dict[str, Any]:
    return dict(zip(rating.scores["ref_area"], rating.scores["rank"], strict=True))


def test_scores_and_ranks_by_hand(rating: Rating) -> None:
    scores = rating.scores.set_index("ref_area")
    assert scores["score"].to_dict() == pytest.approx({"x": 69.85, "y": 50.5, "z": 59.5}, abs=1e-12)
    assert scores["rank"].to_dict() == {"x": 1, "z": 2, "y": 3}
    assert set(scores["n_ranked"]) == {3}
    assert set(scores["status"]) == {"ranked"}
    assert scores["reason_code"].isna().all()
    assert set(scores["coverage"]) == {1.0}


def test_normalised_values_by_hand(rating: Rating) -> None:
    assert by_indicator(rating, "x", "normalised") == pytest.approx({"A": 55, "B": 82, "C": 82}, abs=1e-12)
    assert by_indicator(rating, "y", "normalised") == pytest.approx({"A": 100, "B": 10, "C": 10}, abs=1e-12)


def test_pillars_by_hand(rating: Rating) -> None:
    assert by_pillar(rating, "x", "score") == pytest.approx({"energy": 61.75, "air": 82}, abs=1e-12)
    assert by_pillar(rating, "x", "contribution") == pytest.approx({"energy": 37.05, "air": 32.8}, abs=1e-12)
    assert by_pillar(rating, "z", "score") == pytest.approx({"energy": 32.5, "air": 100}, abs=1e-12)


def test_contributions_of_indicators_by_hand(rating: Rating) -> None:
    assert by_indicator(rating, "x", "contribution") == pytest.approx(
        {"A": 24.75, "B": 12.3, "C": 32.8}, abs=1e-12
    )
    assert by_indicator(rating, "x", "weight") == pytest.approx({"A": 0.45, "B": 0.15, "C": 0.4}, abs=1e-12)


def test_results_include_their_inputs(rating: Rating) -> None:
    assert by_indicator(rating, "x", "obs_value") == X
    assert by_indicator(rating, "x", "worst") == {"A": 0, "B": 50, "C": 80}
    assert by_indicator(rating, "x", "best") == {"A": 100, "B": 0, "C": 30}


@pytest.mark.parametrize("gaps", [set(), {"A"}, {"B"}, {"C"}, {"A", "B"}, {"A", "C"}, {"B", "C"}])
def test_contributions_sum_to_the_score_whatever_is_missing(
    method: Method, values_of: Any, gaps: set[str]
) -> None:
    rating = rate(method, ["x"], values_of(x={key: value for key, value in X.items() if key not in gaps}))
    for table in (rating.pillars, rating.indicators):
        assert table["contribution"].sum() == pytest.approx(of(rating, "x")["score"], abs=1e-9)


@pytest.mark.parametrize(
    ("indicator", "value", "normalised"),
    [
        ("A", 101, 100),
        ("A", 1e9, 100),
        ("A", -1, 10),
        ("B", -5, 100),
        ("B", 50.01, 10),
        ("C", 29, 100),
        ("C", 500, 10),
    ],
)
def test_values_beyond_a_goalpost_score_as_the_goalpost(
    method: Method, values_of: Any, indicator: str, value: float, normalised: float
) -> None:
    rating = rate(method, ["x"], values_of(x={**X, indicator: value}))
    assert by_indicator(rating, "x", "normalised")[indicator] == normalised
    assert by_indicator(rating, "x", "obs_value")[indicator] == value


def test_less_is_better_if_the_best_goalpost_is_lower(method: Method, values_of: Any) -> None:
    rating = rate(method, ["x", "y"], values_of(x={**X, "B": 9}, y={**X, "B": 11}))
    assert of(rating, "x")["score"] > of(rating, "y")["score"]


def test_only_the_proportion_of_weights_counts(make_method: Any, rating: Rating, values_of: Any) -> None:
    tenfold = make_method(weighting="relative").model_dump()
    for pillar in tenfold["pillars"]:
        pillar["weight"] *= 10
        for entry in pillar["indicators"]:
            entry["weight"] *= 10
    again = rate(Method.model_validate(tenfold), CITIES, values_of(x=X, y=Y, z=Z))
    assert again.scores["score"].tolist() == pytest.approx(rating.scores["score"].tolist(), abs=1e-12)


def test_the_weight_of_a_missing_indicator_goes_to_its_pillar(method: Method, values_of: Any) -> None:
    # Energy of x is B only: 82, the same as air.
    rating = rate(method, ["x"], values_of(x={"B": 10, "C": 40}))
    assert of(rating, "x")["score"] == pytest.approx(82, abs=1e-12)
    assert of(rating, "x")["coverage"] == pytest.approx(2 / 3, abs=1e-12)
    weights = by_indicator(rating, "x", "weight")
    assert (weights["B"], weights["C"]) == pytest.approx((0.6, 0.4), abs=1e-12)
    assert pd.isna(weights["A"])


def test_the_weight_of_a_missing_pillar_goes_to_the_others(make_method: Any, values_of: Any) -> None:
    lenient = make_method(coverage={"overall": 0.5, "per_pillar": 0})
    rating = rate(lenient, ["x"], values_of(x={"A": 50, "B": 10}))
    assert of(rating, "x")["score"] == pytest.approx(61.75, abs=1e-12)
    assert of(rating, "x")["rank"] == 1
    assert pd.isna(by_pillar(rating, "x", "score")["air"])


def test_zero_is_not_a_missing_value(method: Method, values_of: Any) -> None:
    rating = rate(method, ["z"], values_of(z=Z))
    assert of(rating, "z")["coverage"] == 1


def test_nan_is_a_missing_value(method: Method, values_of: Any) -> None:
    known = rate(method, ["x"], values_of(x={"B": 10, "C": 40}))
    unknown = rate(method, ["x"], values_of(x={"A": float("nan"), "B": 10, "C": 40}))
    assert of(unknown, "x")["score"] == of(known, "x")["score"]
    assert of(unknown, "x")["coverage"] == of(known, "x")["coverage"]


@pytest.mark.parametrize(
    ("coverage", "observations", "reason"),
    [
        ((0.5, 0.5), {"A": 50, "C": 40}, None),
        ((2 / 3, 0.5), {"A": 50, "C": 40}, None),
        ((0.75, 0.5), {"A": 50, "C": 40}, "too_few_indicators"),
        ((0.5, 0.6), {"A": 50, "C": 40}, "pillar_incomplete:energy"),
        ((0.5, 0.5), {"A": 50, "B": 10}, "pillar_incomplete:air"),
        ((0.5, 1.0), {"B": 10, "C": 40}, "pillar_incomplete:energy"),
        ((0.9, 0.9), {"A": 50, "B": 10}, "too_few_indicators"),
        ((0.3, 0.6), {"A": 50}, "pillar_incomplete:air"),
        ((0.0, 0.0), {}, "no_data"),
        ((0.75, 0.5), {}, "no_data"),
    ],
)
def test_coverage_decides_who_is_ranked(
    make_method: Any,
    values_of: Any,
    coverage: tuple[float, float],
    observations: dict[str, float],
    reason: str | None,
) -> None:
    strict = make_method(coverage={"overall": coverage[0], "per_pillar": coverage[1]})
    row = of(rate(strict, ["x"], values_of(x=observations)), "x")
    assert row["reason_code"] == reason
    assert row["status"] == ("ranked" if reason is None else "not_ranked")
    assert pd.isna(row["rank"]) == (reason is not None)
    assert row["n_ranked"] == (reason is None)


def test_a_city_without_data_has_no_score(method: Method, values_of: Any) -> None:
    rating = rate(method, ["x", "nowhere"], values_of(x=X))
    row = of(rating, "nowhere")
    assert pd.isna(row["score"])
    assert (row["coverage"], row["city_level_share"], row["city_level_weight"]) == (0, 0, 0)
    nowhere = rating.indicators[rating.indicators["ref_area"] == "nowhere"]
    assert nowhere["contribution"].isna().all()
    assert len(nowhere) == 3


def test_a_rating_without_data_ranks_no_city(method: Method, values_of: Any) -> None:
    rating = rate(method, CITIES, values_of())
    assert rating.scores["reason_code"].tolist() == ["no_data"] * 3
    assert rating.scores["rank"].isna().all()


def test_unranked_cities_take_no_rank_from_others(method: Method, values_of: Any) -> None:
    # The best score is that of a city without data on air.
    rating = rate(method, [*CITIES, "thin"], values_of(x=X, y=Y, z=Z, thin={"A": 100, "B": 0}))
    assert of(rating, "thin")["score"] == pytest.approx(100)
    assert pd.isna(of(rating, "thin")["rank"])
    assert {city: rank for city, rank in ranks(rating).items() if city != "thin"} == {"x": 1, "z": 2, "y": 3}
    assert set(rating.scores["n_ranked"]) == {3}


def test_equal_scores_share_the_better_rank_and_the_next_is_skipped(method: Method, values_of: Any) -> None:
    rating = rate(method, ["y", "x", "twin", "z"], values_of(x=X, twin=X, z=Z, y=Y))
    assert ranks(rating) == {"x": 1, "twin": 1, "z": 3, "y": 4}


def test_scores_that_differ_by_rounding_share_a_rank(make_method: Any, values_of: Any) -> None:
    """Three pillars of equal weight with the same three values in every order."""
    pillar = make_method().pillars[1].model_dump()
    post = {**pillar["indicators"][0], "worst": 0, "best": 100}
    pillars = [
        {
            **pillar,
            "id": f"of_{name}",
            "weight": 1 / 3,
            "indicators": [{**post, "indicator": name, "id": name}],
        }
        for name in "ABC"
    ]
    orders = [dict(zip("ABC", order, strict=True)) for order in permutations([10.1, 20.2, 70.7])]
    cities = {f"city{number}": observations for number, observations in enumerate(orders)}
    rating = rate(make_method(pillars=pillars), list(cities), values_of(**cities))
    assert rating.scores["score"].tolist() == pytest.approx([10 + 90 * 101 / 300] * 6, abs=1e-9)
    assert set(rating.scores["rank"]) == {1}


def test_the_order_of_cities_and_values_changes_nothing(
    method: Method, rating: Rating, values_of: Any
) -> None:
    values = values_of(x=X, y=Y, z=Z)
    for seed, units in enumerate(permutations(CITIES)):
        again = rate(method, list(units), values.sample(frac=1, random_state=seed))
        assert again.scores["ref_area"].tolist() == CITIES
        for name, key in (
            ("scores", ["ref_area"]),
            ("pillars", ["ref_area", "pillar"]),
            ("indicators", ["ref_area", "indicator"]),
        ):
            pd.testing.assert_frame_equal(
                getattr(again, name).set_index(key).sort_index(),
                getattr(rating, name).set_index(key).sort_index(),
                check_exact=True,
            )


@pytest.mark.parametrize("newcomer", [{"A": 1e6, "B": -1e6, "C": 0}, {"A": -5}, {}])
def test_a_new_city_changes_no_score_of_another(
    method: Method, rating: Rating, values_of: Any, newcomer: dict[str, float]
) -> None:
    grown = rate(method, [*CITIES, "new"], values_of(x=X, y=Y, z=Z, new=newcomer))
    for city in CITIES:
        assert of(grown, city)["score"] == of(rating, city)["score"]
        assert by_indicator(grown, city, "contribution") == by_indicator(rating, city, "contribution")


def test_other_cities_and_indicators_are_ignored(method: Method, rating: Rating, values_of: Any) -> None:
    more = rate(method, CITIES, values_of(x={**X, "POP": 5}, y=Y, z=Z, elsewhere=X))
    assert more.scores.to_dict("records") == rating.scores.to_dict("records")
    assert len(more.indicators) == 9


def test_two_values_of_an_indicator_are_refused(method: Method, values_of: Any) -> None:
    values = pd.concat([values_of(x=X), values_of(x={"B": 11})])
    with pytest.raises(MethodError, match="x B has several values"):
        rate(method, ["x"], values)


@pytest.mark.parametrize(
    ("bases", "share", "weight"),
    [
        # A weighs 0.6 × 0.75 = 0.45, B 0.15, C 0.4.
        (["city", "metro", "agglomeration"], 1, 1),
        (["urban_centre", "country", "city"], 2 / 3, 0.85),
        (["region", "country", "metro"], 1 / 3, 0.4),
        (["country", "country", "region"], 0, 0),
        # Without C the index is energy, of which A is three quarters.
        (["city", "country"], 1 / 2, 0.75),
    ],
)
def test_city_level_share_counts_only_known_values(
    method: Method, values_of: Any, bases: list[str], share: float, weight: float
) -> None:
    values = values_of(x=X).head(len(bases)).assign(geo_basis=bases)
    found = of(rate(method, ["x"], values), "x")
    assert found["city_level_share"] == pytest.approx(share, abs=1e-12)
    assert found["city_level_weight"] == pytest.approx(weight, abs=1e-12)


def test_parts_of_a_formula_weigh_the_same_in_the_city_level_share(make_method: Any, values_of: Any) -> None:
    declared = make_method().model_dump(exclude_unset=True)
    energy = declared["pillars"][0]
    energy["formula"] = "min(A, B)"
    for indicator in energy["indicators"]:
        del indicator["weight"]
    values = values_of(x=X).assign(geo_basis=["city", "country", "country"])
    found = rate(Method.model_validate(declared), ["x"], values)
    # Energy weighs 0.6, of which half is A.
    assert of(found, "x")["city_level_weight"] == pytest.approx(0.3, abs=1e-12)
    assert by_indicator(found, "x", "weight")["C"] == pytest.approx(0.4, abs=1e-12)


def test_results_include_the_denominator(make_method: Any, values_of: Any) -> None:
    declared = make_method().model_dump(exclude_unset=True)
    declared["pillars"][0]["indicators"][0] |= {"denominator": "POP", "worst": 0, "best": 10}
    values = values_of(x={**X, "POP": 10}, y={**Y, "POP": 20})
    rating = rate(Method.model_validate(declared), ["x", "y", "z"], values)
    assert by_indicator(rating, "x", "normalised")["A"] == pytest.approx(10 + 90 * 50 / 10 / 10)
    assert (by_indicator(rating, "y", "obs_value")["A"], by_indicator(rating, "y", "treated_value")["A"]) == (
        100,
        5,
    )
    assert by_indicator(rating, "y", "denominator_obs_value")["A"] == 20
    assert by_indicator(rating, "y", "denominator")["A"] == "POP"
    assert pd.isna(by_indicator(rating, "y", "denominator")["B"])
    assert pd.isna(by_indicator(rating, "z", "denominator_obs_value")["A"])


def test_an_indicator_belongs_to_its_direct_pillar(make_method: Any, values_of: Any) -> None:
    declared = make_method().model_dump(exclude_unset=True)
    declared["pillars"] = [
        {"id": "everything", "name": "everything", "weight": 1, "pillars": declared["pillars"]}
    ]
    rating = rate(
        Method.model_validate(declared), ["x"], values_of(x=X).drop(columns="geo_basis", errors="ignore")
    )
    assert by_indicator(rating, "x", "pillar") == {"A": "energy", "B": "energy", "C": "air"}
    assert by_pillar(rating, "x", "parent") == {
        "energy": "everything",
        "air": "everything",
        "everything": "by_hand",
    }
