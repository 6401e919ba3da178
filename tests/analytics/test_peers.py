"""Peers of cities, compared with results by hand."""

import shutil
from pathlib import Path

import pandas as pd
import pytest

from city_indicators.analytics.peers import DeclaredPeers, climates_apart, load_peers, peers
from city_indicators.catalog import load_catalogue
from city_indicators.core.errors import CatalogueError
from city_indicators.core.paths import CATALOG

CATALOGUE = load_catalogue()
DECLARED = DeclaredPeers(
    neighbours=2, least_features=2, features=("climate_class", "GDP_PC_PPP", "POP_AGGLO")
)
CITIES = pd.DataFrame(
    [
        ("a", "Dfb", 1000.0, 1e6),
        ("b", "Dfa", 10_000.0, 1e6),
        ("c", "Cfa", 100_000.0, 1e8),
        ("d", "Dfb", None, 1e7),
        ("e", "Af", None, None),
    ],
    columns=["ref_area", *DECLARED.features],
)


def test_distances_are_means_over_shared_features() -> None:
    found = peers(CITIES, DECLARED).set_index(["ref_area", "position"])
    # a to b: climates 1/3, incomes 1 of 2 powers of ten, sizes 0. To d: climates 0, sizes 1 of 2 powers.
    assert found["peer_ref_area"]["a"].tolist() == ["d", "b"]
    assert found["distance"]["a"].tolist() == pytest.approx([(0 + 1 / 2) / 2, (1 / 3 + 1 / 2 + 0) / 3])
    assert found["features"]["a"].tolist() == [["climate_class", "POP_AGGLO"], list(DECLARED.features)]
    # Only the climate of e is known, which is too little.
    assert "e" not in set(found.reset_index()["ref_area"]) | set(found["peer_ref_area"])


def test_an_unknown_climate_is_ignored() -> None:
    known = CITIES.assign(climate_class=CITIES["climate_class"].where(CITIES["ref_area"] != "a"))
    found = peers(known, DECLARED).set_index(["ref_area", "position"])
    # To b: incomes 1 of 2 powers of ten, sizes 0; to c: all of both.
    assert found["peer_ref_area"]["a"].tolist() == ["b", "c"]
    assert found["distance"]["a"].tolist() == pytest.approx([1 / 4, 1])
    assert found["features"]["a"].tolist() == [["GDP_PC_PPP", "POP_AGGLO"]] * 2


def test_order_of_the_cities_changes_nothing() -> None:
    pd.testing.assert_frame_equal(peers(CITIES[::-1], DECLARED), peers(CITIES, DECLARED))


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
