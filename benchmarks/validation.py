"""Measures the validation of a million observations, compared with the same checks in pandas.

Both validate the same frame in the same process, in turns: the rules in include/expectations, run by Great
Expectations, and a function that computes the same masks in pandas. Run it with `make bench-validation`.
"""

import statistics
import time
from collections.abc import Callable

import numpy as np
import pandas as pd
from rich.console import Console
from rich.table import Table

from city_indicators.catalog import Catalogue, load_catalogue
from city_indicators.ingest.normalise import COLUMNS, KEY
from city_indicators.ingest.validation.context import NO_KNOWN_OBSERVATIONS, in_context
from city_indicators.ingest.validation.rules import STATUSES, load_rules
from city_indicators.ingest.validation.validate import gate_summary, validate_observations

SOURCE = "world_bank"
SIZES = (2_000, 1_000_000)
ROUNDS = 3
TEXTS = (
    "freq",
    "value_as_published",
    "unit_as_published",
    "area_code",
    "sha256",
    "url",
    "pointer",
    "raw_row",
)
YEARS = [str(year) for year in range(2000, 2025)]


def main() -> None:
    """Validate, compare the results, print the times and their ratio."""
    catalogue = load_catalogue()
    table = Table("rows", "pandas, s", "declared rules, s", "ratio", title="One load validated, warm")
    validated(catalogue, observations(catalogue, 100))
    for size in SIZES:
        rows = observations(catalogue, size)
        if validated(catalogue, rows) != by_hand(catalogue, rows):
            raise SystemExit("the two results differ: the measurement is invalid")
        in_pandas, declared = zip(
            *(
                (seconds(by_hand, catalogue, rows), seconds(validated, catalogue, rows))
                for _ in range(ROUNDS)
            ),
            strict=True,
        )
        ratio = statistics.median(d / p for d, p in zip(declared, in_pandas, strict=True))
        table.add_row(f"{size:,}", f"{min(in_pandas):.3f}", f"{min(declared):.3f}", f"{ratio:.2f}")
    Console().print(table, "targets: ratio at most 3 for 1,000,000 rows; under 0.2 s for 2,000 rows")


def seconds(function: Callable[..., object], *arguments: object) -> float:
    """Wall time of one call."""
    begun = time.perf_counter()
    function(*arguments)
    return time.perf_counter() - begun


def observations(catalogue: Catalogue, size: int) -> pd.DataFrame:
    """Observations of invented places within range, one in a thousand breaks a rule."""
    indicators = list(dict.fromkeys(series.indicator for series in catalogue.sources[SOURCE].series))
    places = [f"P{number}" for number in range(size // (len(indicators) * len(YEARS)) + 1)]
    index = pd.MultiIndex.from_product([places, indicators, YEARS], names=KEY)
    rows = index.to_frame(index=False)[:size]
    low, high = (
        rows["indicator"].map({i: catalogue.indicators[i].range[n] for i in indicators}) for n in (0, 1)
    )
    drift = 0.5 + 0.001 * (rows["time_period"].astype(int) - 2000)
    rows = rows.assign(
        **dict.fromkeys(TEXTS, ""),
        row_no=np.arange(len(rows)),
        obs_value=low + (high - low) * drift,
        unit_measure=rows["indicator"].map({i: catalogue.indicators[i].unit for i in indicators}),
        obs_status="A",
        geo_basis="country",
        occurrence=1,
        distinct_values=1,
        shortfall=0.0,
        fault=None,
        fault_reason=None,
    )
    rows.loc[::4_000, "obs_value"] = np.nan
    rows.loc[1::4_000, "unit_measure"] = "PS_PER_HOUR"
    rows.loc[2::4_000, "obs_status"] = "X"
    rows.loc[3::4_000, "obs_value"] = 1e15
    return rows[COLUMNS]


def validated(catalogue: Catalogue, rows: pd.DataFrame) -> tuple[int, int]:
    """The numbers of rows that the declared rules accept and reject."""
    indicators = list(rows["indicator"].unique())
    verdict = validate_observations(SOURCE, rows, rows[KEY].head(0), load_rules(), catalogue, indicators)
    return len(verdict.accepted), len(verdict.rejected)


def by_hand(catalogue: Catalogue, rows: pd.DataFrame) -> tuple[int, int]:
    """The same numbers from masks in pandas, with the same derived columns."""
    seen = in_context(SOURCE, rows, NO_KNOWN_OBSERVATIONS, catalogue)
    allowed = {(i.id, unit) for i in catalogue.indicators.values() for unit in (i.unit, *i.also_units)}
    bases = {(i.id, basis) for i in catalogue.indicators.values() for basis in i.geo_basis}
    bad = (
        seen["fault"].notna()
        | seen["ref_area"].isna()
        | seen["obs_value"].isna()
        | seen["obs_status"].isna()
        | seen["geo_basis"].isna()
        | seen["unit_measure"].isna()
        | ~pd.MultiIndex.from_frame(seen[["indicator", "unit_measure"]]).isin(allowed)
        | ~pd.MultiIndex.from_frame(seen[["indicator", "geo_basis"]]).isin(bases)
        | ~seen["obs_status"].isin(STATUSES)
        | (seen["beyond_range"] > 0)
        | (seen["shortfall"] > 0)
        | (seen["mix_sum"] > 100.5)
        | (seen["beyond_change"] > 0)
        | (seen["beyond_revision"] > 0)
        | (seen["distinct_values"] > 1)
        | (seen["occurrence"] > 1)
    )
    accepted, rejected = rows[~bad], rows[bad]
    gate_summary(rows, rejected, rows[KEY].head(0))
    return len(accepted), len(rejected)


if __name__ == "__main__":
    main()
