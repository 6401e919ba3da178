"""Checks of include/catalog/trends.yaml."""

import shutil
from pathlib import Path

import pytest

from city_indicators.analytics.trends.declared import load_declared
from city_indicators.catalog import load_catalogue
from city_indicators.catalog.reference import Reference
from city_indicators.core.errors import CatalogueError
from city_indicators.core.paths import CATALOG

CATALOGUE = load_catalogue()


@pytest.mark.parametrize(
    ("was", "now", "expected"),
    [
        ("first: 2000", "first: 2000\n    last: 1999", "first 2000 must be before last 1999"),
        ("id: since_2015", "id: since_2000", "an id is repeated"),
        ("in_group: BRICS", "in_group: BRIC", r"groups: \['BRIC'\] are not in include/catalog/groups.yaml"),
        ("[POP_AGGLO]", "[POPULATION]", r"sizes: \['POPULATION'\] are not in include/catalog/indicators"),
        ("mann_kendall: 8", "mann_kendall: 4", "least_points.mann_kendall"),
        ("false_discovery_rate: 0.05", "false_discovery_rate: 5", "trends.false_discovery_rate"),
    ],
)
def test_a_mistake_is_reported_with_its_place(tmp_path: Path, was: str, now: str, expected: str) -> None:
    shutil.copy(CATALOG / "trends.yaml", tmp_path)
    file = tmp_path / "trends.yaml"
    text = file.read_text(encoding="utf-8")
    assert was in text
    file.write_text(text.replace(was, now, 1), encoding="utf-8")
    with pytest.raises(CatalogueError, match=expected):
        load_declared(CATALOGUE, tmp_path)


def test_groups_contain_the_cities_and_countries_of_one_year() -> None:
    members = load_declared(CATALOGUE).members(Reference.of(CATALOGUE))
    assert set(members) == {
        (group, level) for group in ("BRICS", "comparators", "all") for level in ("city", "country")
    }
    assert {"moscow", "guangzhou"} <= set(members["BRICS", "city"])
    assert {"RUS", "IDN"} <= set(members["BRICS", "country"])
    assert not set(members["BRICS", "city"]) & set(members["comparators", "city"])
    assert len(members["all", "city"]) == 48
    assert len(members["all", "country"]) == len(set(members["all", "country"])) == 28
