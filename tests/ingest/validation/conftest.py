"""Fixtures: the shipped catalogue and rules, and frames of observations made by hand."""

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from city_indicators.catalog import Catalogue, load_catalogue
from city_indicators.ingest.normalise import COLUMNS, KEY
from city_indicators.ingest.validation.rules import load_rules
from city_indicators.ingest.validation.validate import ValidationResult, validate_observations

COMPARED = {**dict.fromkeys([*KEY, "unit_measure"], "str"), "obs_value": "float"}
"""Types of the columns that compare observations, also where a frame has no rows."""

GOOD = {
    "ref_area": "RUS",
    "indicator": "URB_SHARE",
    "time_period": "2018",
    "freq": "A",
    "obs_value": 74.4,
    "unit_measure": "PT",
    "obs_status": "A",
    "geo_basis": "country",
    "value_as_published": "74.4",
    "area_code": "RUS",
    "occurrence": 1,
    "distinct_values": 1,
    "sha256": "0" * 64,
    "url": "https://publisher.example/answer",
    "raw_row": "{}",
}
Key = tuple[str, str, str]


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    return load_catalogue()


@pytest.fixture(scope="session")
def rows_of() -> Callable[..., pd.DataFrame]:
    """Good rows with the given changes; `pointer` is the number of the row."""

    def make(*changes: dict[str, Any]) -> pd.DataFrame:
        rows = [
            {"row_no": number, "pointer": f"/1/{number}", **GOOD, **change}
            for number, change in enumerate(changes)
        ]
        return pd.DataFrame(rows, columns=COLUMNS)

    return make


@pytest.fixture(scope="session")
def stored_keys() -> Callable[..., pd.DataFrame]:
    """Keys of observations in the warehouse."""

    def make(*keys: Key) -> pd.DataFrame:
        return pd.DataFrame(keys, columns=KEY)

    return make


@pytest.fixture(scope="session")
def validated(catalogue: Catalogue, stored_keys: Any) -> Callable[..., ValidationResult]:
    """Validates rows of URB_SHARE, and of other given indicators, by the shipped rules on rows and loads."""
    rules = load_rules().model_copy(update={"indicator_rules": []})

    def validate_rows(
        rows: pd.DataFrame, *stored: Key, indicators: tuple[str, ...] = ("URB_SHARE",)
    ) -> ValidationResult:
        return validate_observations(
            "publisher", rows, stored_keys(*stored), rules, catalogue, list(indicators)
        )

    return validate_rows
