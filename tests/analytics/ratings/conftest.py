"""A small method whose ratings can be calculated by hand, and frames of values for it."""

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from city_indicators.analytics.ratings.method import Method
from city_indicators.catalog import Catalogue, load_catalogue


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    return load_catalogue()


def named(text: str) -> dict[str, str]:
    return {"en": text, "ru": text, "zh": text}


def goalposts(indicator: str, weight: float, worst: float, best: float) -> dict[str, Any]:
    return {"indicator": indicator, "weight": weight, "worst": worst, "best": best, "rationale": "by hand"}


@pytest.fixture(scope="session")
def make_method() -> Callable[..., Method]:
    """Two pillars: energy of A (more is better) and B (less is better), air of C (less is better)."""

    def make(**changes: Any) -> Method:
        energy = [goalposts("A", 0.75, 0, 100), goalposts("B", 0.25, 50, 0)]
        declared = {
            "id": "by_hand",
            "version": "1.0.0",
            "name": named("by hand"),
            "scale": (10, 100),
            "max_age_years": 3,
            "coverage": {"overall": 0.5, "per_pillar": 0.5},
            "pillars": [
                {"id": "energy", "name": named("energy"), "weight": 0.6, "indicators": energy},
                {
                    "id": "air",
                    "name": named("air"),
                    "weight": 0.4,
                    "indicators": [goalposts("C", 1, 80, 30)],
                },
            ],
        }
        return Method.model_validate({**declared, **changes})

    return make


@pytest.fixture(scope="session")
def values_of() -> Callable[..., pd.DataFrame]:
    """A frame of values at city level, from the values of each city."""

    def make(**cities: dict[str, float]) -> pd.DataFrame:
        rows = [
            (city, indicator, float(value), "city")
            for city, observations in cities.items()
            for indicator, value in observations.items()
        ]
        frame = pd.DataFrame(rows, columns=["ref_area", "indicator", "obs_value", "geo_basis"])
        return frame.astype({"obs_value": float})

    return make
