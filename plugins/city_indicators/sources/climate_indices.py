"""Annual climate indices from daily weather and air quality: pure functions on data frames.

The definitions are those of the ETCCDI where it has one (TXx, Rx1day, R20mm, CDD). Missing days are not
extrapolated: a year with less than 90 % of its days has no value, other years are used as they are. An
annual total also needs the last day of the year; otherwise a source with a lag of some days would give the
total of an incomplete year. A dry spell ends at New Year, so one that crosses it counts as two. A missing
day ends it too, because it is unknown whether that day was dry.
"""

import calendar
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
import pandas as pd

MISSING: Final = -999
LEAST_SHARE_OF_DAYS: Final = 0.9
LEAST_SHARE_OF_HOURS: Final = 0.75
HOURS_A_DAY: Final = 24
UNENDED: Final = "the last day of the year is missing, so there is no total"

WET_DAY_MM: Final = 1.0
HEAVY_RAIN_MM: Final = 20.0
HEATING_BASE_C: Final = 18.0
COOLING_BASE_C: Final = 22.0
WHO_PM25_24H: Final = 15.0

Daily = pd.DataFrame
"""One row per place and day: `place`, `date` (midnight), and some of `t_max`, `t_min`, `t_mean` (°C),
`precipitation` (mm) and `pm25` (µg/m³). NaN or -999 is missing, and so is a day without a row."""


@dataclass(frozen=True)
class Index:
    """An annual index: `per_day` gives the value of each day, `combine` aggregates the days of a year.

    Completeness is counted on the days of the column `variable`.
    """

    variable: str
    per_day: Callable[[Daily], "pd.Series[float]"]
    combine: Literal["sum", "max", "mean"]


def _above(variable: str, threshold: float) -> Index:
    return Index(variable, lambda days: (days[variable] > threshold).astype(float), "sum")


def _itself(variable: str, combine: Literal["sum", "max", "mean"]) -> Index:
    return Index(variable, lambda days: days[variable], combine)


def _dry_days_in_a_row(days: Daily) -> "pd.Series[float]":
    """The length of the dry spell up to each day; 0 on a day that is not dry."""
    dry = days["precipitation"] < WET_DAY_MM
    year = days["date"].dt.year
    follows = (
        days["date"].diff().eq(pd.Timedelta(days=1))
        & days["place"].eq(days["place"].shift())
        & year.eq(year.shift())
    )
    spell = (~(dry & follows)).cumsum()
    return dry.groupby(spell).cumsum().astype(float)


INDICES: Final[Mapping[str, Index]] = {
    "hot_days_30": _above("t_max", 30.0),
    "hot_days_35": _above("t_max", 35.0),
    "tropical_nights": _above("t_min", 20.0),
    "hdd18": Index("t_mean", lambda days: (HEATING_BASE_C - days["t_mean"]).clip(lower=0.0), "sum"),
    "cdd22": Index("t_mean", lambda days: (days["t_mean"] - COOLING_BASE_C).clip(lower=0.0), "sum"),
    "t_mean": _itself("t_mean", "mean"),
    "txx": _itself("t_max", "max"),
    "rx1day": _itself("precipitation", "max"),
    "r20mm": Index(
        "precipitation", lambda days: (days["precipitation"] >= HEAVY_RAIN_MM).astype(float), "sum"
    ),
    "precipitation": _itself("precipitation", "sum"),
    "longest_dry_spell": Index("precipitation", _dry_days_in_a_row, "max"),
    "pm25_days_gt15": _above("pm25", WHO_PM25_24H),
    "pm25_mean": _itself("pm25", "mean"),
}
"""The indices by name: days, °C·d, °C, mm or µg/m³."""


def annual(daily: Daily, statistics: Iterable[str]) -> pd.DataFrame:
    """The annual indices, one row per place, year and index.

    Returns `place`, `year`, `statistic`, `value` (NaN if the year is incomplete), `days_used` (days
    with a value of the index's variable), `days_in_year`, `share` and `reason` (why there is no
    value, else None).

    Raises:
        ValueError: a place has a day twice.
        KeyError: no index has that name, or the frame lacks its variable.
    """
    days = _in_order(daily)
    keys = [days["place"], days["date"].dt.year.rename("year")]
    wanted = {statistic: INDICES[statistic] for statistic in statistics}
    per_day = pd.DataFrame({statistic: index.per_day(days) for statistic, index in wanted.items()})
    values = per_day.groupby(keys).agg({statistic: index.combine for statistic, index in wanted.items()})
    table = values.melt(var_name="statistic", ignore_index=False).reset_index()
    present = days[[index.variable for index in wanted.values()]].notna().set_axis(list(wanted), axis=1)
    table["days_used"] = _in_a_column(present.groupby(keys).sum())
    last = present.apply(lambda given: days["date"].where(given)).groupby(keys).max()
    return _complete(table, pd.Series(_in_a_column(last)))


def _complete(table: pd.DataFrame, last: "pd.Series[pd.Timestamp]") -> pd.DataFrame:
    """The table with the shares of days, and a reason instead of the value of an incomplete year."""
    table["days_in_year"] = 365 + table["year"].map(calendar.isleap).astype(int)
    table["share"] = table["days_used"] / table["days_in_year"]
    incomplete = table["share"] < LEAST_SHARE_OF_DAYS
    totals = [name for name, index in INDICES.items() if index.combine == "sum"]
    unended = table["statistic"].isin(totals) & ~last.dt.is_year_end
    # Six digits hide the rounding of float sums, but no digit of a measurement.
    table["value"] = table["value"].mask(incomplete | unended).round(6)
    too_few = (
        f"{used} of {days_in_year} days, less than {LEAST_SHARE_OF_DAYS:.0%}"
        for used, days_in_year in zip(table["days_used"], table["days_in_year"], strict=True)
    )
    reason = pd.Series(list(too_few), dtype=object).where(incomplete, UNENDED)
    table["reason"] = reason.where(incomplete | unended, None)
    columns = ["place", "year", "statistic", "value", "days_used", "days_in_year", "share", "reason"]
    return table[columns]


def _in_a_column(groups: pd.DataFrame) -> "np.ndarray[Any, Any]":
    """The columns of a frame one below the other, as `melt` has them."""
    return groups.to_numpy().ravel(order="F")


def with_mean(daily: Daily) -> Daily:
    """The frame with `t_mean`; (t_max + t_min) / 2 if the source gives no mean at all.

    A single missing mean stays missing, because two definitions must not be mixed within a series.
    """
    if "t_mean" in daily:
        return daily
    return daily.assign(t_mean=(_present(daily["t_max"]) + _present(daily["t_min"])) / 2)


def daily_means(hourly: pd.DataFrame) -> pd.DataFrame:
    """Daily means of an hourly frame: `place`, `time` (local) and `value`.

    Returns `place`, `date` and `value`: NaN for a day with less than 75 % of its 24 hours.

    Raises:
        ValueError: a place has an hour twice.
    """
    _refuse_repeats(hourly, "time")
    keys = [hourly["place"], hourly["time"].dt.normalize().rename("date")]
    hours = _present(hourly["value"]).groupby(keys)
    enough = hours.count() >= LEAST_SHARE_OF_HOURS * HOURS_A_DAY
    return hours.mean().where(enough).rename("value").reset_index()


def _in_order(daily: Daily) -> Daily:
    _refuse_repeats(daily, "date")
    days = daily.sort_values(["place", "date"], ignore_index=True)
    variables = days.columns.difference(["place", "date"])
    return _without_contradictions(
        days.assign(**{variable: _present(days[variable]) for variable in variables})
    )


def _without_contradictions(days: Daily) -> Daily:
    """Remove the temperatures of days with a minimum above the maximum: either may be wrong."""
    if not {"t_min", "t_max"} <= set(days.columns):
        return days
    wrong = days["t_min"] > days["t_max"]
    temperatures = days.columns.intersection(["t_min", "t_max", "t_mean"])
    return days.assign(**{variable: days[variable].mask(wrong) for variable in temperatures})


def _present(column: "pd.Series[float]") -> "pd.Series[float]":
    return column.where(column != MISSING)


def _refuse_repeats(frame: pd.DataFrame, time: str) -> None:
    repeated = frame.duplicated(["place", time])
    if repeated.any():
        place, moment = frame.loc[repeated, ["place", time]].iloc[0]
        raise ValueError(f"{place} has {moment} more than once")
