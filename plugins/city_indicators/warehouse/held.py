"""What the warehouse holds before a load, for the load to be compared with."""

from itertools import chain

import numpy as np
import pandas as pd
from sqlalchemy import Connection

from city_indicators.warehouse.database import frame, rows
from city_indicators.warehouse.ledger import Scope


def known_observations(connection: Connection, scope: Scope, years_back: int) -> pd.DataFrame:
    """The stored observations of the indicators of a scope, of every source; texts are categories.

    They begin `years_back` years before the scope.
    """
    blocks = rows(
        connection,
        "held/known_observations",
        indicators=list(scope.indicators),
        first_period=str(scope.interval.years[0] - years_back),
        end_period=str(scope.interval.years[-1] + 1),
    )
    sizes = [len(block["places"]) for block in blocks]

    def of_blocks(name: str) -> "pd.Categorical[str]":
        return pd.Categorical(pd.Series([block[name] for block in blocks], dtype="str")).repeat(sizes)

    return pd.DataFrame(
        {
            "ref_area": pd.Categorical(
                pd.array(list(chain.from_iterable(block["places"] for block in blocks)), "str")
            ),
            **{name: of_blocks(name) for name in ("indicator", "time_period", "source")},
            "obs_value": np.fromiter(chain.from_iterable(block["obs_values"] for block in blocks), float),
            "unit_measure": of_blocks("unit_measure"),
        }
    )


def stored_keys(known: pd.DataFrame, scope: Scope) -> pd.DataFrame:
    """The keys of the known observations that a load of a scope must give again."""
    periods = [] if scope.partial else [str(year) for year in scope.interval.years]
    stored = (known["source"] == scope.source) & known["time_period"].isin(periods)
    return known.loc[stored, ["ref_area", "indicator", "time_period"]]


def usual_revisions(connection: Connection, scope: Scope) -> dict[str, float]:
    """The usual size of the source's revisions, as a relative difference, by indicator with a revision."""
    sizes = frame(connection, "held/usual_revisions", **scope.parameters())
    return dict(zip(sizes["indicator"], sizes["size"], strict=True))
