"""The JSON Schema of method files: accepts the shipped methods, and refuses mistakes."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from city_indicators.analytics.ratings.schema import FILE, schema
from city_indicators.catalog.load import read_yaml
from city_indicators.core.paths import CATALOG
from tests.methods import FOLDER

FILES = [*sorted((CATALOG / "ratings").glob("*.yaml")), FOLDER / "climate_first.yaml"]


def faults(document: Any) -> list[str]:
    return [error.message for error in jsonschema.Draft202012Validator(schema()).iter_errors(document)]


def test_the_committed_schema_is_up_to_date() -> None:
    assert json.loads(FILE.read_text(encoding="utf-8")) == schema()


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_shipped_methods_are_valid(file: Path) -> None:
    jsonschema.Draft202012Validator.check_schema(schema())
    assert faults(read_yaml(file)) == []


def test_a_step_or_name_may_be_a_single_word() -> None:
    method = read_yaml(FOLDER / "climate_first.yaml")
    assert faults({**method, "name": "First", "missing": "median", "normalisation": "min_max"}) == []
    assert faults({**method, "missing": {"policy": "median", "max_share": 0.5}}) == []


def test_the_steps_of_a_pillar_and_a_band_are_in_the_schema() -> None:
    band = {"best": [4, 6], "worst": [0, 16]}
    pillar = {
        "id": "use",
        "formula": "min(energy, access)",
        "undefined": "missing",
        "missing": {"policy": "mean", "group": "region"},
        "normalisation": "exponential_rank",
        "direction": "higher",
        "indicators": [
            {"indicator": "ENERGY_PC", "id": "energy", "band": band, "geo_basis": ["city"]},
            {"indicator": "access", "worst": 0, "best": 100},
        ],
    }
    assert faults({"id": "one", "version": "1.0.0", "name": "One", "pillars": [pillar]}) == []


@pytest.mark.parametrize(
    "mistake",
    [
        {"missing": "guess"},
        {"normalisation": {"method": "min_max", "sample": "some"}},
        {"aggregation": "sum"},
        {"scale": [0]},
        {"no_such_key": 1},
        {"formula": 5},
        {"indicators": [{"indicator": "A", "weight": 0}]},
        {"undefined": "zero"},
        {"normalisation": {"method": "exponential_rank", "decay": 0}},
        {"indicators": [{"indicator": "A", "band": {"worst": [0, 9]}}]},
        {"indicators": [{"indicator": "A", "geo_basis": ["town"]}]},
        {"pillars": [{"id": "a", "missing": "guess"}]},
        {"uncertainty": {"draws": 10, "seed": 1, "factors": {}}},
    ],
)
def test_a_mistake_is_refused(mistake: dict[str, Any]) -> None:
    assert faults({**read_yaml(FOLDER / "climate_first.yaml"), **mistake})
