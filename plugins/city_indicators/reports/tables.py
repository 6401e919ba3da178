"""What report tables are made of and how they are written: vintages, the tables of cities, types.

A report is a function of three things that the warehouse keeps for ever: the figures known at a moment,
the reference (cities, groups, preferences) and the method.
"""

from dataclasses import dataclass
from typing import Final

import pandas as pd
import pyarrow as pa
from sqlalchemy import Connection

from city_indicators.catalog.reference import Reference
from city_indicators.warehouse.database import frame
from city_indicators.warehouse.moment import NOW, Moment

FLOATS: Final = {
    *("score", "coverage", "city_level_share", "imputed_share", "rank_p05", "rank_median", "rank_p95"),
    *("p_top3", "p_top10", "p_above", "weight", "weight_effective", "contribution", "normalised"),
    *("raw_value", "obs_value", "treated_value", "goalpost_worst", "goalpost_best", "gap_to_best"),
    *("s1", "s1_conf", "st", "st_conf", "mean_abs_rank_shift", "value", "p_value", "threshold"),
}
INTEGERS: Final = {
    "draw",
    "strength_rank",
    "rank",
    "n_ranked",
    "version",
    "places",
    "cities",
    "cities_of_catalogue",
    "report_refresh_id",
}


@dataclass(frozen=True)
class Vintage:
    """What was known: `known_at` says when, and figures first known after `keys_known_at` are left out."""

    known_at: Moment = NOW
    keys_known_at: Moment = NOW


def city_tables(connection: Connection, reference: Reference, known_at: Moment) -> dict[str, pd.DataFrame]:
    """city_profile and data_coverage with the columns of the tables of the same name."""
    parameters = {**reference.parameters(), "known_at": known_at}
    return {
        name: frame(connection, f"report/{name}", **parameters) for name in ("city_profile", "data_coverage")
    }


def as_arrow(rows: pd.DataFrame) -> pa.Table:
    """The rows with the types of the report tables; a list of identifiers as PostgreSQL writes arrays."""
    columns = {}
    for name in map(str, rows.columns):
        if name in FLOATS or name.startswith(("score_", "delta_")):
            columns[name] = pa.array(rows[name].astype("Float64"), pa.float64(), from_pandas=True)
        elif name in INTEGERS or name.startswith("rank_"):
            columns[name] = pa.array(rows[name].astype("Int64"), pa.int64(), from_pandas=True)
        elif name == "city_groups":
            columns[name] = pa.array(["{" + ",".join(groups) + "}" for groups in rows[name]], pa.string())
        elif name in ("known_from", "tied"):
            columns[name] = pa.array(rows[name], from_pandas=True)
        else:
            columns[name] = pa.array(rows[name].astype(object), pa.string(), from_pandas=True)
    return pa.table(columns)
