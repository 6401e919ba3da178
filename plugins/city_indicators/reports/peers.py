"""Computes report.city_peer, the most similar cities of each city, from the city profile."""

import pandas as pd

from city_indicators.analytics.peers import CLIMATE, DeclaredPeers, Feature, Likeness, peers
from city_indicators.catalog.reference import Reference
from city_indicators.reports.names import city_names, with_names


def peer_table(features: pd.DataFrame, declared: DeclaredPeers, reference: Reference) -> pd.DataFrame:
    """The peers of all cities, with the columns of the table."""
    rows = peers(features, declared, declared.neighbours)
    names = city_names(reference)
    for key, kind in (("ref_area", "city"), ("peer_ref_area", "peer")):
        rows = with_names(rows, key, kind, names)
    return rows


def features_of_cities(
    profile: pd.DataFrame, normals: pd.DataFrame, likeness: Likeness, reference: Reference
) -> pd.DataFrame:
    """The features of cities, as input of `analytics.peers.peers`.

    `profile` and `normals` have ref_area, indicator, obs_value and geo_basis, as report.city_profile.
    """
    climates = {city.ref_area: city.climate_class for city in reference.cities}
    found = {
        feature.id: pd.Series(climates)
        if feature.of == CLIMATE
        else _values(normals if feature.normal else profile, feature)
        for feature in likeness.features
    }
    return pd.DataFrame(found, index=list(climates)).rename_axis("ref_area").reset_index()


def _values(observations: pd.DataFrame, feature: Feature) -> "pd.Series[float]":
    """The values of a feature by city; both parts of a ratio are of their own latest year."""
    admitted = observations
    if feature.geo_basis:
        admitted = observations[observations["geo_basis"].isin(feature.geo_basis)]
    values = {
        name: admitted[admitted["indicator"] == name].set_index("ref_area")["obs_value"]
        for name in feature.indicators
    }
    return values[feature.of] / values[feature.per] if feature.per else values[feature.of]
