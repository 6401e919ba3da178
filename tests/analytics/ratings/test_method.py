"""The shipped rating methods, and the errors for mistakes in them."""

import re
import shutil
from pathlib import Path

import pytest

from city_indicators.analytics.ratings.method import Method
from city_indicators.analytics.ratings.read import load_methods
from city_indicators.analytics.ratings.steps import Normalisation
from city_indicators.catalog import Catalogue
from city_indicators.core.errors import CatalogueError
from tests.methods import FIRST, FOLDER

NAME = "climate_first.yaml"


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """A copy of a rating that a test may damage."""
    (tmp_path / "ratings").mkdir()
    shutil.copy(FOLDER / NAME, tmp_path / "ratings")
    return tmp_path


@pytest.fixture(scope="module")
def shipped(catalogue: Catalogue) -> dict[str, Method]:
    return load_methods(catalogue)


def test_indicators_are_in_the_order_of_the_file() -> None:
    assert FIRST.indicator_ids == [
        "ELEC_LOWCARBON_SHARE",
        "ELEC_COAL_OIL_SHARE",
        "ENERGY_PC",
        "CO2_PC",
        "PM25_EXPOSURE",
    ]


def test_the_agenda_has_the_published_weights(shipped: dict[str, Method]) -> None:
    weights = {pillar.id: pillar.weight for pillar in shipped["climate_world"].pillars}
    assert weights == {"energy": 0.45, "transport": 0.31, "green": 0.18, "waste": 0.06}
    assert shipped["climate_world"].scale == (10, 100)


def test_the_agenda_of_brics_has_the_same_frozen_goalposts(shipped: dict[str, Method]) -> None:
    world, brics = shipped["climate_world"], shipped["climate_brics"]
    assert brics.pillars == world.pillars
    assert brics.normalisation.method == "goalposts"
    assert (brics.group, brics.size_classes is not None) == ("BRICS", True)
    assert shipped["climate_brics_minmax"].normalisation.method == "min_max"


def test_only_scores_against_each_other_are_relative(shipped: dict[str, Method]) -> None:
    assert [id_ for id_, method in shipped.items() if method.is_relative] == ["climate_brics_minmax"]


@pytest.mark.parametrize(
    ("normalisation", "relative"),
    [
        ({"method": "z_score"}, True),
        ({"method": "z_score", "mean": 5, "sd": 2}, False),
        ({"method": "min_max", "sample": "pooled"}, False),
        ({"method": "distance_to_max"}, True),
        ({"method": "none"}, False),
    ],
)
def test_bounds_of_the_year_make_scores_relative(normalisation: dict[str, object], relative: bool) -> None:
    how = Normalisation.model_validate(normalisation)
    assert FIRST.model_copy(update={"normalisation": how}).is_relative == relative


def test_emissions_are_only_in_the_variant(shipped: dict[str, Method]) -> None:
    assert "CO2_PC" not in shipped["climate_world"].indicator_ids
    more = set(shipped["climate_world_with_emissions"].indicator_ids)
    assert more - set(shipped["climate_world"].indicator_ids) == {"CO2_PC"}


def test_shipped_goalposts_are_within_the_plausible_range(
    catalogue: Catalogue, shipped: dict[str, Method]
) -> None:
    for method in shipped.values():
        for entry in method.entries:
            # The published goalposts of income begin below the income of any country.
            if entry.denominator is None and not entry.log:
                low, high = catalogue.indicators[entry.indicator].range
                band = entry.band
                posts = [*band.best, *band.worst] if band else [entry.worst, entry.best]
                assert min(posts) < high
                assert low < max(posts) <= high, entry.indicator


def test_a_city_can_submit_every_indicator_of_the_agenda(
    catalogue: Catalogue, shipped: dict[str, Method]
) -> None:
    form = {series.indicator for series in catalogue.sources["city_submission"].series}
    assert set(shipped["climate_world_with_emissions"].indicator_ids) <= form


def test_every_shipped_rating_has_an_uncertainty_analysis(shipped: dict[str, Method]) -> None:
    for method in shipped.values():
        assert method.uncertainty is not None
        assert method.uncertainty.draws >= 1000


def test_a_stored_version_is_read_without_todays_checks(
    shipped: dict[str, Method],
) -> None:
    stored = shipped["climate_world"].model_dump(mode="json", exclude_unset=True)
    stored["uncertainty"]["factors"]["noise"] = {"A": 0.02, "E": 0.1, "I": 0.2}
    assert Method.model_validate(stored).uncertainty is not None


MISTAKES = {
    "unknown indicator": ("indicator: CO2_PC", "indicator: CO2_PP", "pillars: ['CO2_PP'] are not in"),
    "indicator twice": (
        "indicator: CO2_PC",
        "indicator: ENERGY_PC",
        "['ENERGY_PC'] are repeated in the method",
    ),
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
    "band without a rationale": (
        "worst: 150000\n        best: 600\n        rationale:",
        "band: {best: [600, 9000], worst: [0, 150000]}\n        assumption:",
        "ENERGY_PC: goalposts need a rationale",
    ),
    "an indicator by another id": (
        "indicator: CO2_PC",
        "indicator: CO2_PC\n        id: carbon",
        "carbon: has an id of its own, but the tables of the warehouse have one row per indicator",
    ),
    "no YAML": ("pillars:", "pillars: [", "(file): is not YAML"),
}


@pytest.mark.parametrize(("old", "new", "expected"), MISTAKES.values(), ids=MISTAKES.keys())
def test_a_mistake_names_file_key_and_fault(
    catalogue: Catalogue, copied: Path, old: str, new: str, expected: str
) -> None:
    file = copied / "ratings" / NAME
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(CatalogueError) as caught:
        load_methods(catalogue, copied)
    assert str(caught.value).startswith(f"{file}: ")
    assert expected in str(caught.value)


def test_the_unchanged_copy_loads(catalogue: Catalogue, copied: Path) -> None:
    assert load_methods(catalogue, copied) == {FIRST.id: FIRST}


def test_the_warehouse_takes_a_formula_over_pillars(catalogue: Catalogue, copied: Path) -> None:
    file = copied / "ratings" / NAME
    text = re.sub(r"^    weight: .*\n", "", file.read_text(encoding="utf-8"), flags=re.MULTILINE)
    formula = "energy_sources + energy_consumption + air"
    over_pillars = f"formula: {formula}\npillars:\n"
    file.write_text(text.replace("pillars:\n", over_pillars, 1), encoding="utf-8")
    assert load_methods(catalogue, copied)[FIRST.id].root.formula == formula
