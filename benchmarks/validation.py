"""Measures the validation of many observations, compared with the same checks in pandas and pandera.

All validate the same frame in the same process, in turns: the rules in include/expectations, run by Great
Expectations; a function that computes the same masks in pandas; and a schema of pandera, whose columns that
compare rows are computed by the same pandas. Run it with `make bench-validation`. The project does not need
pandera: without it that column is empty. `.venv/bin/pip install pandera` adds it.
"""

import time
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

import numpy as np
import pandas as pd
from rich.console import Console
from rich.table import Table

from city_indicators.catalog import Catalogue, load_catalogue
from city_indicators.ingest.normalise import COLUMNS, KEY
from city_indicators.ingest.validation.context import YEARS_BACK
from city_indicators.ingest.validation.rules import STATUSES, load_rules
from city_indicators.ingest.validation.validate import gate_summary, validate_observations

SOURCE = "world_bank"
SIZES = (2_000, 500_000, 1_000_000)
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
    """Validate, compare the results, print the times and their ratios."""
    catalogue = load_catalogue()
    ways = [validated, by_hand, *([by_pandera] if find_spec("pandera") else [])]
    table = Table("rows", "declared rules, s", "pandas, s", "pandera, s", title="One load validated, warm")
    for way in ways:
        way(catalogue, observations(catalogue, 100))
    for size in SIZES:
        rows = observations(catalogue, size)
        if len({way(catalogue, rows) for way in ways}) > 1:
            raise SystemExit("the results differ: the measurement is invalid")
        rounds = [[seconds(way, catalogue, rows) for way in ways] for _ in range(ROUNDS)]
        ours, *others = map(min, zip(*rounds, strict=True))
        ratios = [f"{other:.3f} (ratio {ours / other:.2f})" for other in others]
        table.add_row(f"{size:,}", f"{ours:.3f}", *ratios)
    Console().print(
        table, "targets: ratio to pandas at most 3 for 1,000,000 rows; under 0.2 s for 2,000 rows;"
    )
    Console().print("ratio to pandera at most 1.5 for 500,000 rows")


def seconds(function: Callable[..., object], *arguments: object) -> float:
    """Processor time of one call."""
    begun = time.process_time()
    function(*arguments)
    return time.process_time() - begun


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
    """The same numbers from masks in pandas."""
    allowed = {(i.id, unit) for i in catalogue.indicators.values() for unit in (i.unit, *i.also_units)}
    bases = {(i.id, basis) for i in catalogue.indicators.values() for basis in i.geo_basis}
    outside = out_of_range(catalogue, rows)
    bad = (
        rows["fault"].notna()
        | rows["ref_area"].isna()
        | rows["obs_value"].isna()
        | rows["obs_status"].isna()
        | rows["geo_basis"].isna()
        | rows["unit_measure"].isna()
        | ~pd.MultiIndex.from_frame(rows[["indicator", "unit_measure"]]).isin(allowed)
        | ~pd.MultiIndex.from_frame(rows[["indicator", "geo_basis"]]).isin(bases)
        | ~rows["obs_status"].isin(STATUSES)
        | outside
        | (rows["shortfall"] > 0)
        | more_than_a_mix(catalogue, rows)
        | too_large_a_change(catalogue, rows, rows["fault"].isna() & ~outside)
        | (rows["distinct_values"] > 1)
        | (rows["occurrence"] > 1)
    )
    accepted, rejected = rows[~bad], rows[bad]
    gate_summary(rows, rejected, rows[KEY].head(0))
    return len(accepted), len(rejected)


def by_pandera(catalogue: Catalogue, rows: pd.DataFrame) -> tuple[int, int]:
    """The same numbers from a schema of pandera, which names every failing cell."""
    import pandera.pandas as pa

    allowed = {(i.id, unit) for i in catalogue.indicators.values() for unit in (i.unit, *i.also_units)}
    bases = {(i.id, basis) for i in catalogue.indicators.values() for basis in i.geo_basis}
    outside = out_of_range(catalogue, rows)
    derived = {
        "outside": outside,
        "more_than_a_mix": more_than_a_mix(catalogue, rows),
        "too_large_a_change": too_large_a_change(catalogue, rows, rows["fault"].isna() & ~outside),
    }
    schema = pa.DataFrameSchema(
        {
            "fault": pa.Column(nullable=True, checks=pa.Check(lambda fault: fault.isna(), ignore_na=False)),
            **{name: pa.Column() for name in ("ref_area", "obs_value", "geo_basis", "unit_measure")},
            "obs_status": pa.Column(checks=pa.Check.isin(STATUSES)),
            "shortfall": pa.Column(checks=pa.Check.le(0)),
            "distinct_values": pa.Column(checks=pa.Check.le(1)),
            "occurrence": pa.Column(checks=pa.Check.le(1)),
            **{name: pa.Column(checks=pa.Check.eq(False)) for name in derived},
        },
        checks=[pair_check(pa, "unit_measure", allowed), pair_check(pa, "geo_basis", bases)],
    )
    failed: list[int] = []
    try:
        schema.validate(rows.assign(**derived), lazy=True)
    except pa.errors.SchemaErrors as errors:
        failed = errors.failure_cases["index"].unique().tolist()
    rejected = rows.loc[failed]
    accepted = rows.drop(index=failed)
    gate_summary(rows, rejected, rows[KEY].head(0))
    return len(accepted), len(rejected)


def pair_check(pa: Any, column: str, allowed: set[tuple[str, str]]) -> Any:
    """A check of pandera that indicator and another column are one of some pairs."""
    return pa.Check(
        lambda rows: pd.Series(
            pd.MultiIndex.from_frame(rows[["indicator", column]]).isin(allowed), index=rows.index
        ),
        ignore_na=False,
    )


def out_of_range(catalogue: Catalogue, rows: pd.DataFrame) -> "pd.Series[bool]":
    """Whether each value is outside the range of its indicator."""
    low, high = (
        rows["indicator"].map({i.id: i.range[n] for i in catalogue.indicators.values()}) for n in (0, 1)
    )
    return (rows["obs_value"] < low) | (rows["obs_value"] > high)


def more_than_a_mix(catalogue: Catalogue, rows: pd.DataFrame) -> "pd.Series[bool]":
    """Whether the shares of the mix, place and year of each share sum to more than 100 %."""
    mix = rows["indicator"].map({i.id: i.mix for i in catalogue.indicators.values() if i.mix})
    sums = rows.groupby([rows["ref_area"], rows["time_period"], mix])["obs_value"].transform("sum")
    return sums > 100.5


def too_large_a_change(
    catalogue: Catalogue, rows: pd.DataFrame, sound: "pd.Series[bool]"
) -> "pd.Series[bool]":
    """Whether each value is further from the sound one before it than its indicator may change."""
    series = ["ref_area", "indicator", "unit_measure"]
    bounds = {i.id: i.max_change for i in catalogue.indicators.values() if i.max_change is not None}
    bounded = rows[rows["indicator"].isin(bounds)].sort_values([*series, "time_period"])
    year = bounded["time_period"].astype(int)
    before = bounded[["obs_value"]].assign(year=year).where(sound.loc[bounded.index])
    before = before.groupby([bounded[name] for name in series]).ffill()
    before = before.groupby([bounded[name] for name in series]).shift()
    value, previous = bounded["obs_value"].abs(), before["obs_value"].abs()
    apart = (bounded["obs_value"] - before["obs_value"]).abs() / np.minimum(value, previous)
    years = year - before["year"]
    most = (1 + bounded["indicator"].map(bounds)) ** years - 1
    found = (apart > most + 1e-9) & (years <= YEARS_BACK) & (bounded["obs_status"] != "B")
    return found.reindex(rows.index, fill_value=False)


if __name__ == "__main__":
    main()
