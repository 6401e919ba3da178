"""Measures time and memory of trends for many places, compared with a loop over pymannkendall.

The loop computes the original and the corrected Mann-Kendall test with Sen's slope for each series; ours is
the complete table, with growth, bounds, level changes and false discovery rates. "Groups" is the convergence
of three groups of these places. It also measures how often the tests find a trend in series without one. Run
it with `make bench-trends`.
"""

import resource
import time
from collections.abc import Iterator

import numpy as np
import pandas as pd
from rich.console import Console
from rich.table import Table

from city_indicators.analytics.trends.convergence import convergence
from city_indicators.analytics.trends.declared import load_declared
from city_indicators.analytics.trends.statistics import mann_kendall, slopes, without_autocorrelation
from city_indicators.analytics.trends.trend import trends
from city_indicators.catalog import load_catalogue

SIZES = ((48, 60), (12_000, 20))
LOOPED = 300
ALARMS = 2_000
LENGTHS = (10, 25, 50)
RETAINED = {"independent": 0.0, "half of the last year's deviation retained": 0.5, "a random walk": 1.0}
FIRST, LAST = 1990, 2023
MB = 1024


def main() -> None:
    """Compute, compare the verdicts on a sample of series, print seconds, ratio and memory."""
    declared = load_declared(load_catalogue())
    table = Table(
        *(
            "places × indicators × windows",
            "series",
            "loop, s",
            "ours, s",
            "ratio",
            "groups, s",
            "memory, MB",
        ),
        title="Trends",
    )
    for places, indicators in SIZES:
        rows = observations(places, indicators)
        begun = time.perf_counter()
        ours = trends(rows, declared)
        taken = time.perf_counter() - begun
        begun = time.perf_counter()
        convergence(rows, groups(rows), declared)
        of_groups = time.perf_counter() - begun
        tested = ours[ours["mk_p_corrected"].notna()]
        looped = loop(rows, tested.sample(LOOPED, random_state=1)) * len(tested) / LOOPED
        table.add_row(
            f"{places:,} × {indicators} × {len(declared.windows)}",
            f"{len(ours):,}",
            f"{looped:,.1f}",
            f"{taken:,.1f}",
            f"{taken / looped:.3f}",
            f"{of_groups:,.1f}",
            f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MB:,.0f}",
        )
    Console().print(
        table,
        f"The loop is measured on {LOOPED} series and scaled up; memory is the peak of the process.",
        "Targets: 48 × 60 × 3 under 20 s; 12,000 × 20 under 300 s and 2,000 MB.",
        sep="\n",
    )
    Console().print(false_alarms())


def false_alarms() -> Table:
    """The shares of series without a trend in which the original and corrected tests find one at 5 %."""
    table = Table(
        "series without a trend", "years", "original, %", "corrected, %", title="False alarms at 5 %"
    )
    for label, retained in RETAINED.items():
        for length in LENGTHS:
            shocks = np.random.default_rng(20).normal(size=(ALARMS, length))
            values = shocks.copy()
            for year in range(1, length):
                values[:, year] += retained * values[:, year - 1]
            pairs = slopes(np.tile(np.arange(float(length)), (ALARMS, 1)), values)
            test = mann_kendall(values, pairs)
            corrected = without_autocorrelation(values, np.median(pairs, axis=1), test)
            shares = [100 * np.mean(p < 0.05) for p in (test.p, corrected.p)]
            table.add_row(label, str(length), *(f"{share:.0f}" for share in shares))
    return table


def groups(rows: pd.DataFrame) -> dict[tuple[str, str], list[str]]:
    """All places, and each half of them."""
    places = list(rows["ref_area"].cat.categories)
    half = len(places) // 2
    return {("all", "city"): places, ("one", "city"): places[:half], ("other", "city"): places[half:]}


def observations(places: int, indicators: int) -> pd.DataFrame:
    """Invented places with autocorrelated annual values, one in a hundred missing."""
    generator = np.random.default_rng(20)
    years = np.arange(FIRST, LAST + 1)
    series = places * indicators
    values = 100 + generator.normal(size=(series, len(years))).cumsum(axis=1)
    values[generator.random(values.shape) < 0.01] = np.nan
    place, indicator = np.divmod(np.arange(series), indicators)
    return pd.DataFrame(
        {
            "indicator": pd.Categorical.from_codes(
                np.repeat(indicator, len(years)), [f"I{number:02}" for number in range(indicators)]
            ),
            "ref_area": pd.Categorical.from_codes(
                np.repeat(place, len(years)), [f"P{number:05}" for number in range(places)]
            ),
            "time_period": np.tile(years, series).astype("int16"),
            "obs_value": values.ravel(),
            "obs_status": pd.Categorical(["A"]).repeat(values.size),
        }
    ).dropna(subset="obs_value")


def loop(rows: pd.DataFrame, sample: pd.DataFrame) -> float:
    """Seconds of pymannkendall for a sample of series.

    Raises:
        SystemExit: its p differs from ours.
    """
    import pymannkendall

    seconds = 0.0
    for ours, values in _series(rows, sample):
        begun = time.perf_counter()
        original = pymannkendall.original_test(values)
        corrected = pymannkendall.hamed_rao_modification_test(values)
        seconds += time.perf_counter() - begun
        if not np.allclose([original.p, corrected.p], [ours.mk_p, ours.mk_p_corrected], atol=1e-9):
            raise SystemExit(f"the results differ for {ours}: the measurement is invalid")
    return seconds


def _series(rows: pd.DataFrame, sample: pd.DataFrame) -> Iterator[tuple[object, np.ndarray]]:
    wanted = rows.merge(sample[["indicator", "ref_area"]].drop_duplicates())
    by_key = dict(iter(wanted.groupby(["indicator", "ref_area"], observed=True)))
    for ours in sample.itertuples():
        of_one = by_key[ours.indicator, ours.ref_area]
        inside = of_one["time_period"].between(ours.first_year, ours.last_year)
        yield ours, of_one.loc[inside, "obs_value"].to_numpy()


if __name__ == "__main__":
    main()
