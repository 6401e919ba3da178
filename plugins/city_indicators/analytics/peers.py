"""Finds the peers of each city: nearest neighbours by declared features. Pure functions on frames."""

from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
from pydantic import Field

from city_indicators.analytics.trends.statistics import Array
from city_indicators.catalog.entry import Entry
from city_indicators.catalog.load import parse, read_yaml
from city_indicators.catalog.models import Catalogue
from city_indicators.core.errors import CatalogueError
from city_indicators.core.paths import CATALOG

CLIMATE: Final = "climate_class"
PEER: Final = ["ref_area", "peer_ref_area", "position", "distance", "features"]


class DeclaredPeers(Entry):
    """The number of neighbours, their features, and the minimum of features that a pair must share."""

    neighbours: int = Field(ge=1)
    least_features: int = Field(ge=1)
    features: tuple[str, ...] = Field(min_length=1)


def load_peers(catalogue: Catalogue, root: Path = CATALOG) -> DeclaredPeers:
    """Read include/catalog/peers.yaml.

    Raises:
        CatalogueError: the file is invalid, or names a feature that is neither the climate nor an indicator.
    """
    file = root / "peers.yaml"
    declared = parse(DeclaredPeers, read_yaml(file), file, "peers")
    if unknown := sorted(set(declared.features) - {CLIMATE} - set(catalogue.indicators)):
        raise CatalogueError(file, "features", f"{unknown} are not in include/catalog/indicators")
    return declared


def peers(features: pd.DataFrame, declared: DeclaredPeers) -> pd.DataFrame:
    """The neighbours of each city, nearest first, with the columns PEER.

    `features` has one row per city: ref_area and one column per feature, missing where unknown. The distance
    of two cities, 0 to 1, is the mean distance over the features that both have (Gower 1971): for climates by
    their Köppen letters, for positive numbers by logarithms relative to the range of all cities. The column
    `features` of the result lists the shared features.
    """
    cities = features.sort_values("ref_area", ignore_index=True)
    apart = np.stack([_apart(cities[name], name == CLIMATE) for name in declared.features])
    known = np.isfinite(apart)
    shared = known.sum(axis=0)
    distance = np.where(known, apart, 0).sum(axis=0) / np.maximum(shared, 1)
    distance[shared < declared.least_features] = np.nan
    np.fill_diagonal(distance, np.nan)
    found: list[dict[str, Any]] = []
    for city, to_others in enumerate(distance):
        nearest = np.argsort(to_others, kind="stable")[: declared.neighbours]
        found += [
            {
                "ref_area": cities["ref_area"][city],
                "peer_ref_area": cities["ref_area"][other],
                "position": position,
                "distance": float(to_others[other]),
                "features": [
                    n for n, has in zip(declared.features, known[:, city, other], strict=True) if has
                ],
            }
            for position, other in enumerate(nearest, 1)
            if np.isfinite(to_others[other])
        ]
    return pd.DataFrame(found, columns=PEER)


def climates_apart(one: str, other: str) -> float:
    """The distance of two Köppen classes: 0 for the same class, 1 if the first letter differs."""
    alike = 0
    for mine, theirs in zip(one, other, strict=False):
        if mine != theirs:
            break
        alike += 1
    return 1 - alike / max(len(one), len(other))


def _apart(feature: pd.Series, climate: bool) -> Array:
    """Distances between all cities, 0 to 1; NaN if one of the two has no value."""
    if climate:
        classes = feature.to_list()
        known = feature.notna().to_numpy()
        both = known[:, None] & known[None, :]
        apart = [[climates_apart(str(one), str(other)) for other in classes] for one in classes]
        return np.where(both, apart, np.nan)
    logs = np.log(feature.astype(float).where(feature.astype(float) > 0).to_numpy())
    between = np.abs(logs[:, None] - logs[None, :])
    span = np.nanmax(between, initial=0)
    return np.asarray(between / span) if span > 0 else np.asarray(between)
