"""The rating files: what is shipped, and what a slip in one says."""

import shutil
from pathlib import Path

import pytest

from city_indicators.catalog import Catalogue
from city_indicators.errors import CatalogueError
from city_indicators.paths import CATALOG
from city_indicators.ratings.method import load_methods

NAME = "climate_first.yaml"


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """A copy of the shipped ratings that a test may damage."""
    shutil.copytree(CATALOG / "ratings", tmp_path / "ratings")
    return tmp_path


def test_the_shipped_ratings_load(catalogue: Catalogue) -> None:
    methods = load_methods(catalogue)
    assert methods["climate_first"].indicators == [
        "ELEC_LOWCARBON_SHARE",
        "ELEC_COAL_OIL_SHARE",
        "ENERGY_PC",
        "CO2_PC",
        "PM25_EXPOSURE",
    ]


def test_shipped_weights_sum_to_one(catalogue: Catalogue) -> None:
    for method in load_methods(catalogue).values():
        assert sum(pillar.weight for pillar in method.pillars) == pytest.approx(1, abs=1e-12)
        for pillar in method.pillars:
            assert sum(entry.weight for entry in pillar.indicators) == pytest.approx(1, abs=1e-12)


def test_shipped_goalposts_point_where_the_catalogue_says(catalogue: Catalogue) -> None:
    for method in load_methods(catalogue).values():
        for pillar in method.pillars:
            for entry in pillar.indicators:
                direction = "higher" if entry.best > entry.worst else "lower"
                assert catalogue.indicators[entry.indicator].direction == direction, entry.indicator


def test_shipped_goalposts_lie_within_the_plausible_range(catalogue: Catalogue) -> None:
    for method in load_methods(catalogue).values():
        for pillar in method.pillars:
            for entry in pillar.indicators:
                low, high = catalogue.indicators[entry.indicator].range
                assert low <= min(entry.worst, entry.best) < max(entry.worst, entry.best) <= high


SLIPS = {
    "unknown indicator": ("indicator: CO2_PC", "indicator: CO2_PP", "pillars: ['CO2_PP'] are not in"),
    "indicator twice": ("indicator: CO2_PC", "indicator: ENERGY_PC", "['ENERGY_PC'] stand in the method"),
    "named unlike the file": ("id: climate_first", "id: climate_last", "id: is 'climate_last', but"),
    "goalposts that meet": ("best: 600", "best: 150000", "indicators.0: Value error, worst and best must"),
    "weight of nothing": ("    weight: 0.2", "    weight: 0", "rating.pillars.2.weight: Input should be"),
    "negative weight": ("    weight: 0.2", "    weight: -1", "rating.pillars.2.weight: Input should be"),
    "version that is no version": ("version: 0.1.0", "version: '1'", "rating.version: String should match"),
    "coverage beyond all": ("overall: 0.75", "overall: 75", "rating.coverage.overall: Input should be"),
    "unknown key": ("max_age_years: 3", "max_age_years: 3\nmin_age: 1", "rating.min_age: Extra inputs"),
    "negative age": ("max_age_years: 3", "max_age_years: -1", "rating.max_age_years: Input should be"),
    "scale of three": ("scale: [10, 100]", "scale: [10, 50, 100]", "rating.scale"),
    "scale that falls": ("scale: [10, 100]", "scale: [100, 10]", "rating.scale"),
    "pillar twice": ("id: energy_consumption", "id: energy_sources", "energy_sources"),
    "goalposts against the direction": (
        "worst: 23.7\n        best: 0",
        "worst: 0\n        best: 23.7",
        "CO2_PC",
    ),
    "no YAML": ("pillars:", "pillars: [", "(file): is not YAML"),
}


@pytest.mark.parametrize(("old", "new", "told"), SLIPS.values(), ids=SLIPS.keys())
def test_a_slip_names_file_key_and_fault(
    catalogue: Catalogue, copied: Path, old: str, new: str, told: str
) -> None:
    file = copied / "ratings" / NAME
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(CatalogueError) as caught:
        load_methods(catalogue, copied)
    assert str(caught.value).startswith(f"{file}: ")
    assert told in str(caught.value)


def test_the_copy_without_a_slip_loads(catalogue: Catalogue, copied: Path) -> None:
    assert load_methods(catalogue, copied) == load_methods(catalogue)
