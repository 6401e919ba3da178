"""Peers of cities, compared with results by hand."""

import shutil
from pathlib import Path

import pandas as pd
import pytest

from city_indicators.analytics.peers import Feature, Likeness, climates_apart, load_peers, peers
from city_indicators.catalog import load_catalogue
from city_indicators.catalog.reference import Reference
from city_indicators.core.errors import CatalogueError
from city_indicators.core.paths import CATALOG
from city_indicators.reports.peers import features_of_cities

CATALOGUE = load_catalogue()
DECLARED = Likeness(
    least_weight=0.6,
    features=(
        Feature(id="climate", of="climate_class"),
        Feature(id="income", of="GDP_PC_PPP"),
        Feature(id="size", of="POP_AGGLO"),
    ),
)
CITIES = pd.DataFrame(
    [
        ("a", "Dfb", 1000.0, 1e6),
        ("b", "Dfa", 10_000.0, 1e6),
        ("c", "Cfa", 100_000.0, 1e8),
        ("d", "Dfb", None, 1e7),
        ("e", "Af", None, None),
    ],
    columns=["ref_area", "climate", "income", "size"],
)


def test_distances_are_means_over_shared_features() -> None:
    found = peers(CITIES, DECLARED, 2).set_index(["ref_area", "position"])
    # a to b: climates 1/3, incomes 1 of 2 powers of ten, sizes 0. To d: climates 0, sizes 1 of 2 powers.
    assert found["peer_ref_area"]["a"].tolist() == ["d", "b"]
    assert found["distance"]["a"].tolist() == pytest.approx([(0 + 1 / 2) / 2, (1 / 3 + 1 / 2 + 0) / 3])
    assert found["features"]["a"].tolist() == [["climate", "size"], ["climate", "income", "size"]]
    assert found["differences"]["a"][1] == pytest.approx([0, 1 / 2])
    assert found["compared_weight"]["a"].tolist() == pytest.approx([2 / 3, 1])
    assert found["feature_indicators"]["a"].tolist() == [["POP_AGGLO"], ["GDP_PC_PPP", "POP_AGGLO"]]
    # Only the climate of e is known, which is too little.
    assert "e" not in set(found.reset_index()["ref_area"]) | set(found["peer_ref_area"])


def test_an_unknown_climate_is_ignored() -> None:
    known = CITIES.assign(climate=CITIES["climate"].where(CITIES["ref_area"] != "a"))
    found = peers(known, DECLARED, 2).set_index(["ref_area", "position"])
    # To b: incomes 1 of 2 powers of ten, sizes 0; to c: all of both.
    assert found["peer_ref_area"]["a"].tolist() == ["b", "c"]
    assert found["distance"]["a"].tolist() == pytest.approx([1 / 4, 1])
    assert found["features"]["a"].tolist() == [["income", "size"]] * 2


def test_weights_count_among_the_shared_features() -> None:
    climate, income, size = DECLARED.features
    features = (climate, income.model_copy(update={"weight": 3}), size)
    found = peers(CITIES, DECLARED.model_copy(update={"features": features}), 2)
    # Without an income, d shares 2 of 5 parts of the weights with the others. To c all three differ most.
    assert found.loc[found["ref_area"] == "a", "peer_ref_area"].tolist() == ["b", "c"]
    assert found.loc[found["ref_area"] == "a", "distance"].tolist() == pytest.approx(
        [(1 / 3 + 3 * 1 / 2) / 5, 1]
    )


def test_temperatures_are_compared_by_their_difference() -> None:
    likeness = Likeness(least_weight=1, features=(Feature(id="warm", of="T", compared_by="difference"),))
    warm = pd.DataFrame({"ref_area": ["a", "b", "c"], "warm": [-10.0, 0.0, 30.0]})
    found = peers(warm, likeness, 2).set_index(["ref_area", "peer_ref_area"])["distance"]
    assert [found["a", "b"], found["b", "c"], found["a", "c"]] == pytest.approx([1 / 4, 3 / 4, 1])


def test_features_are_of_the_declared_basis_and_ratios_of_both_parts() -> None:
    """Shenzhen shares a centre with Guangzhou, so neither has a density of its own."""
    reference = Reference.of(CATALOGUE)
    profile = pd.DataFrame(
        [
            ("moscow", "POP_CENTRE", 14e6, "urban_centre"),
            ("moscow", "AREA_CENTRE", 1600.0, "urban_centre"),
            ("paris", "POP_CENTRE", 10e6, "urban_centre"),
            ("guangzhou", "POP_CENTRE", 43e6, "urban_centre_merged"),
            ("guangzhou", "AREA_CENTRE", 6454.0, "urban_centre_merged"),
        ],
        columns=["ref_area", "indicator", "obs_value", "geo_basis"],
    )
    normals = pd.DataFrame([("paris", "T_MEAN_YEAR", 12.5, "city")], columns=profile.columns)
    shipped = load_peers(CATALOGUE)
    found = features_of_cities(profile, normals, shipped, reference).set_index("ref_area")
    assert found["density"].dropna().to_dict() == {"moscow": 8750}
    assert found["temperature"].dropna().to_dict() == {"paris": 12.5}
    assert found["climate"].notna().sum() == 48
    assert len(found) == 48


def test_order_of_the_cities_changes_nothing() -> None:
    pd.testing.assert_frame_equal(peers(CITIES[::-1], DECLARED, 2), peers(CITIES, DECLARED, 2))


@pytest.mark.parametrize(
    ("one", "other", "apart"),
    [("Dfb", "Dfb", 0), ("Dfb", "Dfa", 1 / 3), ("Cfa", "Cwa", 2 / 3), ("Af", "Aw", 0.5), ("BWh", "Cfa", 1)],
)
def test_climates_differ_by_their_letters(one: str, other: str, apart: float) -> None:
    assert climates_apart(one, other) == climates_apart(other, one) == pytest.approx(apart)


def test_an_unknown_feature_is_refused(tmp_path: Path) -> None:
    shutil.copy(CATALOG / "peers.yaml", tmp_path)
    file = tmp_path / "peers.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("POP_AGGLO", "SIZE"), encoding="utf-8")
    with pytest.raises(CatalogueError, match=r"features: \['SIZE'\] are not in"):
        load_peers(CATALOGUE, file.parent)
