"""Small methods and observations whose ratings can be calculated by hand."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from city_indicators.analytics.ratings.engine import Rating, rate
from city_indicators.analytics.ratings.method import Method

Observations = Mapping[str, Mapping[str, float]]


def method(*indicators: str, **changes: Any) -> Method:
    """By default: equal weights, no normalisation, more is better."""
    defaults = {
        "id": "index",
        "version": "1.0.0",
        "weighting": "equal",
        "normalisation": "none",
        "indicators": [{"indicator": indicator, "direction": "higher"} for indicator in indicators],
    }
    return Method.model_validate({**defaults, **changes})


def observations(of: Observations, period: str = "", **columns: Any) -> pd.DataFrame:
    """A long frame from the observations of each unit."""
    rows = [
        (unit, indicator, float(value), period)
        for unit, own in of.items()
        for indicator, value in own.items()
    ]
    return pd.DataFrame(rows, columns=["ref_area", "indicator", "obs_value", "time_period"]).assign(**columns)


def rated(how: Method, of: Observations, **more: Any) -> Rating:
    """The rating of all units in one period."""
    return rate(how, sorted(of), observations(of), **more)


def column(rating: Rating, indicator: str, name: str) -> dict[str, Any]:
    """A column of an indicator's rows, by unit; None where it is missing."""
    rows = rating.indicators[rating.indicators["indicator"] == indicator]
    values = rows[name].astype(object).where(rows[name].notna(), None)
    return dict(zip(rows["ref_area"], values, strict=True))


def scores(rating: Rating) -> dict[str, float]:
    """The score of each unit."""
    return dict(zip(rating.scores["ref_area"], rating.scores["score"], strict=True))


def array(*columns: list[float]) -> np.ndarray:
    """The columns of one draw: (draw, unit, column)."""
    return np.array(columns, dtype=float).T[None]
