"""What the warehouse holds before a load, for the load to be compared with."""

from typing import Final

import pandas as pd
import pyarrow as pa
from sqlalchemy import Connection

from city_indicators.warehouse.bulk import TEXT, read
from city_indicators.warehouse.database import frame
from city_indicators.warehouse.ledger import Scope

KNOWN: Final = pa.schema(
    [
        *((name, TEXT) for name in ("ref_area", "indicator", "time_period", "source")),
        ("obs_value", pa.float64()),
        ("unit_measure", TEXT),
    ]
)


def known_observations(connection: Connection, scope: Scope, years_back: int) -> pd.DataFrame:
    """The stored observations of the indicators of a scope, of every source; texts are categories.

    They begin `years_back` years before the scope.
    """
    parameters = {
        "indicators": list(scope.indicators),
        "first_period": str(scope.interval.years[0] - years_back),
        "end_period": str(scope.interval.years[-1] + 1),
    }
    known: pd.DataFrame = read(connection, "held/known_observations", KNOWN, **parameters).to_pandas()
    return known


def stored_keys(known: pd.DataFrame, scope: Scope) -> pd.DataFrame:
    """The keys of the known observations that a load of a scope must give again."""
    periods = [] if scope.partial else [str(year) for year in scope.interval.years]
    stored = (known["source"] == scope.source) & known["time_period"].isin(periods)
    return known.loc[stored, ["ref_area", "indicator", "time_period"]]


def usual_revisions(connection: Connection, scope: Scope) -> dict[str, float]:
    """The usual size of the source's revisions, as a relative difference, by indicator with a revision."""
    sizes = frame(connection, "held/usual_revisions", **scope.parameters())
    return dict(zip(sizes["indicator"], sizes["size"], strict=True))
