"""report.city_peer: which cities are alike, from the city profile."""

import pandas as pd
from sqlalchemy import Connection

from city_indicators.catalog.reference import Reference
from city_indicators.comparison.peers import CLIMATE, DeclaredPeers, peers
from city_indicators.reports.names import city_names, with_names
from city_indicators.reports.trends import as_arrow
from city_indicators.warehouse.bulk import copy
from city_indicators.warehouse.database import frame, statement


def refresh_peers(connection: Connection, declared: DeclaredPeers, reference: Reference) -> None:
    """Write the peers of all cities anew, by the figures that the city profile has now."""
    rows = peers(features_of_cities(connection, declared), declared)
    names = city_names(reference)
    for key, kind in (("ref_area", "city"), ("peer_ref_area", "peer")):
        rows = with_names(rows, key, kind, names)
    connection.execute(statement("report/clear_city_peer"))
    copy(connection, "report.city_peer", [as_arrow(rows)])


def features_of_cities(connection: Connection, declared: DeclaredPeers) -> pd.DataFrame:
    """What cities are compared by, as `comparison.peers.peers` takes it."""
    found = frame(connection, "report/peer_inputs", indicators=list(declared.features))
    figures = found.pivot_table("obs_value", "ref_area", "indicator").reindex(columns=list(declared.features))
    climates = found.drop_duplicates("ref_area").set_index("ref_area")[CLIMATE]
    return figures.reindex(climates.index).assign(**{CLIMATE: climates}).reset_index()
