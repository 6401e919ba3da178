"""What a load changed, or would change if it was published now."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
from sqlalchemy import Connection

from city_indicators.core.archive import Archive
from city_indicators.warehouse.database import frame, rows
from city_indicators.warehouse.publish import sha256_of
from city_indicators.warehouse.staged import BLOCK, CONTENT_COLUMNS

KEY: Final = ["ref_area", *BLOCK]
CONTENTS: Final = {"value": "obs_value", "unit": "unit_measure", "status": "obs_status", "basis": "geo_basis"}
"""What of an observation can change, by the first part of its column: value_before, unit_after."""
OUTCOMES: Final = ("withdrawn", "revised", "added", "unchanged", "outdated")
CHANGED: Final = OUTCOMES[:3]
LARGEST: Final = 100_000
"""The accepted rows of the largest load that a page compares with what is stored."""

Missing = Literal["absent", "other", "large"]
"""Why the changes of a load cannot be shown: its staged file is absent or another one, or it is too large."""


@dataclass(frozen=True)
class Changes:
    """The changes of a load; `rows` are those of CHANGED, and `counts` the observations by outcome.

    `rows` has KEY, version (stored, of what is published the new one), outcome, and for each of CONTENTS a
    column before and after. Without rows, `missing` is why; `counts` is then empty.
    """

    rows: pd.DataFrame
    counts: dict[str, int]
    missing: Missing | None = None


def changes_of(connection: Connection, archive: Archive, load: Mapping[str, Any], most: int) -> Changes:
    """The changes of a load of the ledger, at most so many; those of an unpublished one as of now."""
    if load["state"] == "published":
        found = frame(connection, "web/load_changes", load_id=load["load_id"], count=most)
        return Changes(found, {outcome: load[outcome] for outcome in OUTCOMES})
    if load["accepted_rows"] > LARGEST:
        return Changes(pd.DataFrame(), {}, "large")
    try:
        with (archive.staging / load["staged_path"]).open("rb") as stream:
            if sha256_of(stream) != load["staged_sha256"]:
                return Changes(pd.DataFrame(), {}, "other")
            stream.seek(0)
            columns = [*BLOCK, *CONTENT_COLUMNS, "fetch_id"]
            staged = pq.read_table(stream, columns=columns).to_pandas()
    except FileNotFoundError:
        return Changes(pd.DataFrame(), {}, "absent")
    of_load = {"load_id": load["load_id"]}
    fetches = {row["fetch_id"]: row["heard_at"] for row in rows(connection, "web/load_fetches", **of_load)}
    stored = frame(connection, "web/load_stored", **of_load)
    later = _later(rows(connection, "web/load_later", **of_load), max(fetches.values(), default=None))
    compared = compare(staged, stored, fetches, later, partial=load["partial"])
    counted = compared["outcome"].value_counts()
    counts = {outcome: int(counted.get(outcome, 0)) for outcome in OUTCOMES}
    return Changes(_ordered(compared[compared["outcome"].isin(CHANGED)]).head(most), counts)


def compare(
    staged: pd.DataFrame,
    stored: pd.DataFrame,
    fetches: Mapping[int, Any],
    later: Iterable[Mapping[str, Any]],
    *,
    partial: bool,
) -> pd.DataFrame:
    """The outcome that publishing would have for each observation, by the rules of a publication.

    `staged` has KEY, CONTENTS and fetch_id; `stored` KEY, CONTENTS, version, heard_at and rejected (in a
    row of the load). `fetches` are the times of the load's fetches, `later` the loads that
    were fetched after it: indicators, interval_start, interval_end. What the load does not cover is left out.
    """
    both = staged.merge(stored, on=KEY, how="outer", suffixes=("_after", "_before"), indicator=True)
    renamed = {
        f"{of}_{side}": f"{part}_{side}" for part, of in CONTENTS.items() for side in ("before", "after")
    }
    both = both.rename(columns=renamed)
    given = both["_merge"] != "right_only"
    held = both["value_before"].notna()
    same = given & held
    for part in CONTENTS:
        same &= both[f"{part}_before"] == both[f"{part}_after"]
    heard_before = pd.to_datetime(both["heard_at"], utc=True)
    heard_after = pd.to_datetime(both["fetch_id"].map(fetches), utc=True)
    first = pd.to_datetime(pd.Series(list(fetches.values())), utc=True).min()
    covered = _covered(both, later)
    withdrawn = ~given & held & ~covered & (heard_before <= first) & ~both["rejected"].eq(True)
    both["outcome"] = np.select(
        [withdrawn & (not partial), ~given, same, covered | (heard_before > heard_after), ~held],
        ["withdrawn", "", "unchanged", "outdated", "added"],
        "revised",
    )
    columns = [*KEY, "version", "outcome", *renamed.values()]
    return both.loc[both["outcome"] != "", columns].reset_index(drop=True)


def _covered(observations: pd.DataFrame, later: Iterable[Mapping[str, Any]]) -> pd.Series:
    """Whether a later load covers the block of each observation."""
    covered = pd.Series(False, index=observations.index)
    begin = pd.to_datetime(observations["time_period"] + "-01-01")
    for load in later:
        inside = (begin >= pd.Timestamp(load["interval_start"])) & (
            begin < pd.Timestamp(load["interval_end"])
        )
        covered |= inside & observations["indicator"].isin(load["indicators"])
    return covered


def _later(published: list[dict[str, Any]], last: Any) -> list[dict[str, Any]]:
    return [load for load in published if last is not None and load["heard_at"] > last]


def _ordered(changed: pd.DataFrame) -> pd.DataFrame:
    """Withdrawn and revised observations first, by the size of the change, as of a published load."""
    larger = changed[["value_before", "value_after"]].abs().max(axis=1)
    size = (changed["value_after"] - changed["value_before"]).abs() / larger.where(larger > 0)
    order = changed.assign(size=size, place=changed["outcome"].map(CHANGED.index))
    by = ["place", "size", "indicator", "time_period", "ref_area"]
    return order.sort_values(by, ascending=[True, False, True, False, True]).drop(columns=["size", "place"])
