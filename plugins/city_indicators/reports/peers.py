"""Computes report.city_peer, the most similar cities of each city, from the city profile."""

import pandas as pd

from city_indicators.analytics.peers import CLIMATE, DeclaredPeers, peers
from city_indicators.catalog.reference import Reference
from city_indicators.reports.names import city_names, with_names


def peer_table(features: pd.DataFrame, declared: DeclaredPeers, reference: Reference) -> pd.DataFrame:
    """The peers of all cities, with the columns of the table."""
    rows = peers(features, declared)
    names = city_names(reference)
    for key, kind in (("ref_area", "city"), ("peer_ref_area", "peer")):
        rows = with_names(rows, key, kind, names)
    return rows


def features_of_cities(profile: pd.DataFrame, declared: DeclaredPeers, reference: Reference) -> pd.DataFrame:
    """The features of cities, as input of `analytics.peers.peers`.

    `profile` has ref_area, indicator and obs_value, as report.city_profile.
    """
    climates = {city.ref_area: city.climate_class for city in reference.cities}
    known = profile[profile["indicator"].isin(declared.features)]
    observations = known.pivot_table("obs_value", "ref_area", "indicator")
    found = observations.reindex(index=list(climates), columns=list(declared.features))
    return found.assign(**{CLIMATE: pd.Series(climates)}).rename_axis("ref_area").reset_index()
