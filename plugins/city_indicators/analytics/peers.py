"""Finds the peers of each city: nearest neighbours by declared features. Pure functions on frames."""

from collections.abc import Collection
from operator import itemgetter
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
import pandas as pd
from pydantic import Field

from city_indicators.analytics.neighbours import Classes, Numbers, Places
from city_indicators.analytics.trends.statistics import Array
from city_indicators.catalog.entry import Entry, GeoBasis, Identifier
from city_indicators.catalog.load import parse, read_yaml
from city_indicators.catalog.models import Catalogue
from city_indicators.core.errors import CatalogueError
from city_indicators.core.paths import CATALOG

CLIMATE: Final = "climate_class"
PEER: Final = [
    *("ref_area", "peer_ref_area", "position", "distance", "compared_weight"),
    *("features", "differences", "feature_indicators"),
]


class Feature(Entry):
    """What two cities are compared by: their climate class, an indicator, or an indicator `per` another one.

    `geo_basis` restricts the values to these bases. A `normal` is the mean of the years 2001 to 2020 and not
    the latest value. Values are compared by their `ratio` (logarithms) or their `difference`.
    """

    id: Identifier
    of: str
    per: str | None = None
    weight: float = Field(default=1, gt=0)
    geo_basis: tuple[GeoBasis, ...] = ()
    normal: bool = False
    compared_by: Literal["ratio", "difference"] = "ratio"

    @property
    def indicators(self) -> list[str]:
        """The indicators that it is made from."""
        return [name for name in (self.of, self.per) if name and name != CLIMATE]


class Likeness(Entry):
    """The features of similar cities, and the least share of their weights that two cities must share."""

    features: tuple[Feature, ...] = Field(min_length=1)
    least_weight: float = Field(gt=0, le=1)

    @property
    def indicators(self) -> list[str]:
        """The indicators of all features."""
        return sorted({name for feature in self.features for name in feature.indicators})


class DeclaredPeers(Likeness):
    """The declaration of include/catalog/peers.yaml: the features, and the number of neighbours."""

    neighbours: int = Field(ge=1)


def load_peers(catalogue: Catalogue, root: Path = CATALOG) -> DeclaredPeers:
    """Read include/catalog/peers.yaml.

    Raises:
        CatalogueError: the file is invalid, or names a feature that is neither the climate nor an indicator.
    """
    file = root / "peers.yaml"
    declared = parse(DeclaredPeers, read_yaml(file), file, "peers")
    check_indicators(declared, catalogue, file)
    return declared


def check_indicators(likeness: Likeness, catalogue: Catalogue, file: Path) -> None:
    """Check that the indicators of the features are in the catalogue.

    Raises:
        CatalogueError: one is not.
    """
    if unknown := sorted(set(likeness.indicators) - set(catalogue.indicators)):
        raise CatalogueError(file, "features", f"{unknown} are not in include/catalog/indicators")


def peers(features: pd.DataFrame, likeness: Likeness, neighbours: int) -> pd.DataFrame:
    """The neighbours of each city, nearest first, with the columns PEER.

    `features` has one row per city: ref_area and one column per feature, missing where unknown. The distance
    of two cities, 0 to 1, is the weighted mean of their differences in the features that both have (Gower
    1971): of climates by their Köppen letters, of numbers relative to the range of all cities. The columns
    `features`, `differences` (0 to 1) and `feature_indicators` of the result list what is compared, and
    `compared_weight` is its share of all weights.
    """
    cities = features.sort_values("ref_area", ignore_index=True)
    names, places = cities["ref_area"].astype(str).to_list(), _places(cities, likeness)
    found: list[dict[str, Any]] = []
    for city, others in sorted(places.nearest(neighbours), key=itemgetter(0)):
        compared = places.compared(np.array(city), others)
        for position, other in enumerate(others):
            found.append(
                {
                    "ref_area": names[city],
                    "peer_ref_area": names[other],
                    "position": position + 1,
                    "distance": float(compared.distance[position]),
                    "compared_weight": float(compared.weight[position]),
                    **_compared(likeness, compared.apart[:, position]),
                }
            )
    return pd.DataFrame(found, columns=PEER)


def nearest(features: pd.DataFrame, likeness: Likeness, of_cities: Collection[str]) -> dict[str, list[str]]:
    """All other comparable cities of some cities, nearest first; `features` and distances as of `peers`."""
    cities = features.sort_values("ref_area", ignore_index=True)
    names, places = cities["ref_area"].astype(str).to_numpy(dtype=object), _places(cities, likeness)
    return {
        str(names[city]): names[places.all_nearest(int(city))].tolist()
        for city in np.flatnonzero(np.isin(names, list(of_cities)))
    }


def _places(cities: pd.DataFrame, likeness: Likeness) -> Places:
    """The cities with their features, for comparison."""
    return Places(
        [_values(cities[feature.id], feature) for feature in likeness.features],
        [feature.weight for feature in likeness.features],
        likeness.least_weight,
    )


def _compared(likeness: Likeness, apart: Array) -> dict[str, list[Any]]:
    """The features that two cities share, how far apart they are, and the indicators behind them."""
    shared = [
        (feature, float(difference))
        for feature, difference in zip(likeness.features, apart, strict=True)
        if np.isfinite(difference)
    ]
    return {
        "features": [feature.id for feature, _ in shared],
        "differences": [difference for _, difference in shared],
        "feature_indicators": list(
            dict.fromkeys(each for feature, _ in shared for each in feature.indicators)
        ),
    }


def climates_apart(one: str, other: str) -> float:
    """The distance of two Köppen classes: 0 for the same class, 1 if the first letter differs."""
    alike = 0
    for mine, theirs in zip(one, other, strict=False):
        if mine != theirs:
            break
        alike += 1
    return 1 - alike / max(len(one), len(other))


def _values(values: pd.Series, feature: Feature) -> Numbers | Classes:
    """The values of a feature, in the form in which they are compared."""
    if feature.of == CLIMATE:
        return Classes.of(values, climates_apart)
    numbers = values.to_numpy(dtype=float)
    if feature.compared_by == "ratio":
        numbers = np.log(np.where(numbers > 0, numbers, np.nan))
    return Numbers(numbers)
