"""Annual indices, computed by hand."""

from typing import Any

import pandas as pd
import pytest

from city_indicators.sources.climate_indices import INDICES, annual, daily_means, with_mean

NAN = float("nan")


def year_of(year: int, place: str = "here", **changes: dict[str, float]) -> pd.DataFrame:
    """A mild dry year; `changes` gives, by variable, other values by month-day."""
    dates = pd.date_range(f"{year}-01-01", f"{year}-12-31")
    mild = {"t_max": 20.0, "t_min": 10.0, "t_mean": 18.0, "precipitation": 5.0, "pm25": 10.0}
    frame = pd.DataFrame({"place": place, "date": dates, **mild})
    for variable, by_day in changes.items():
        for day, value in by_day.items():
            frame.loc[frame["date"] == f"{year}-{day}", variable] = value
    return frame


def days(first: str, last: str, value: float, year: int = 2019) -> dict[str, float]:
    """The same value for every day from `first` to `last` (month-day)."""
    return {f"{day:%m-%d}": value for day in pd.date_range(f"{year}-{first}", f"{year}-{last}")}


def value_of(daily: pd.DataFrame, statistic: str) -> float:
    (row,) = annual(daily, [statistic]).to_dict("records")
    assert row["reason"] is None
    return float(row["value"])


@pytest.mark.parametrize(
    ("statistic", "changes", "value"),
    [
        # 30 and 35 themselves are not above 30 and 35.
        ("hot_days_30", {"t_max": {"07-01": 30.0, "07-02": 30.01, "07-03": 36.0}}, 2),
        ("hot_days_35", {"t_max": {"07-01": 35.0, "07-02": 35.01, "07-03": 34.0}}, 1),
        (
            "tropical_nights",
            {
                "t_min": {"07-01": 20.0, "07-02": 20.1, "07-03": 25.0},
                "t_max": {"07-01": 30.0, "07-02": 30.0, "07-03": 30.0},
            },
            2,
        ),
        # 18 - 10 = 8 and 18 + 5 = 23; the warm day adds nothing.
        ("hdd18", {"t_mean": {"01-01": 10.0, "01-02": -5.0, "07-01": 30.0}}, 31),
        # 30 - 22 = 8 and 22.5 - 22 = 0.5; 22 itself adds nothing.
        ("cdd22", {"t_mean": {"07-01": 30.0, "07-02": 22.5, "07-03": 22.0, "01-01": -5.0}}, 8.5),
        # 364 days of 18 and one of 383: (364 × 18 + 383) / 365 = 19.
        ("t_mean", {"t_mean": {"07-01": 383.0}}, 19),
        ("txx", {"t_max": {"07-01": 41.3, "07-02": 41.2}}, 41.3),
        ("rx1day", {"precipitation": {"07-01": 80.5, "07-02": 80.4}}, 80.5),
        # ETCCDI: 20 mm itself counts.
        ("r20mm", {"precipitation": {"07-01": 20.0, "07-02": 19.99, "07-03": 55.0}}, 2),
        # 363 × 5 + 0.1 + 0.2.
        ("precipitation", {"precipitation": {"07-01": 0.1, "07-02": 0.2}}, 1815.3),
        ("pm25_days_gt15", {"pm25": {"07-01": 15.0, "07-02": 15.1, "07-03": 90.0}}, 2),
        ("pm25_mean", {"pm25": {"07-01": 375.0}}, 11),
    ],
)
def test_an_index_worked_by_hand(statistic: str, changes: dict[str, Any], value: float) -> None:
    assert value_of(year_of(2019, **changes), statistic) == value


def test_every_index_has_been_worked_by_hand() -> None:
    worked = {mark.args[1][n][0] for mark in _marks() for n in range(len(mark.args[1]))}
    assert worked | {"longest_dry_spell"} == set(INDICES)


def _marks() -> list[Any]:
    return [mark for mark in test_an_index_worked_by_hand.pytestmark if mark.name == "parametrize"]


def test_the_longest_dry_spell_is_of_days_in_a_row_below_1_mm() -> None:
    # 3 days, then 1.0 mm, which is wet, then 5 days.
    dry = {**days("03-01", "03-03", 0.0), "03-04": 1.0, **days("03-05", "03-09", 0.99)}
    assert value_of(year_of(2019, precipitation=dry), "longest_dry_spell") == 5


def test_a_year_without_a_dry_day_has_a_spell_of_zero() -> None:
    assert value_of(year_of(2019), "longest_dry_spell") == 0


def test_a_dry_spell_across_new_year_stays_within_its_years() -> None:
    last_days = year_of(2018, precipitation=days("12-28", "12-31", 0.0, 2018))
    first_days = year_of(2019, precipitation=days("01-01", "01-06", 0.0))
    table = annual(pd.concat([last_days, first_days]), ["longest_dry_spell"])
    assert dict(zip(table["year"], table["value"], strict=True)) == {2018: 4, 2019: 6}


@pytest.mark.parametrize("missing", [NAN, -999.0, None])
def test_a_missing_day_ends_a_dry_spell(missing: float | None) -> None:
    daily = year_of(2019, precipitation={**days("03-01", "03-10", 0.0), "03-05": missing or NAN})
    if missing is None:
        daily = daily[daily["date"] != "2019-03-05"]
    elif missing == -999:
        daily.loc[daily["date"] == "2019-03-05", "precipitation"] = missing
    assert value_of(daily, "longest_dry_spell") == 5


def test_a_spell_does_not_run_on_into_another_place() -> None:
    there = year_of(2019, "there", precipitation=days("01-01", "01-02", 0.0))
    here = year_of(2019, "here", precipitation=days("12-30", "12-31", 0.0))
    assert annual(pd.concat([there, here]), ["longest_dry_spell"])["value"].tolist() == [2, 2]


def test_the_order_of_the_days_does_not_matter() -> None:
    daily = year_of(2019, precipitation=days("03-01", "03-10", 0.0), t_max=days("07-01", "07-09", 31.0))
    shuffled = daily.sample(frac=1, random_state=1)
    wanted = ["longest_dry_spell", "hot_days_30"]
    pd.testing.assert_frame_equal(annual(shuffled, wanted), annual(daily, wanted))


def test_places_and_years_are_separate() -> None:
    frames = [
        year_of(2019, "a", t_max={"07-01": 31.0}),
        year_of(2020, "a", t_max={"02-29": 31.0, "07-01": 32.0}),
        year_of(2020, "b"),
    ]
    table = annual(pd.concat(frames), ["hot_days_30"]).set_index(["place", "year"])
    assert table["value"].to_dict() == {("a", 2019): 1, ("a", 2020): 2, ("b", 2020): 0}
    assert table["days_in_year"].to_dict() == {("a", 2019): 365, ("a", 2020): 366, ("b", 2020): 366}


# 329 of 365 days are 90.1 %, 328 are 89.9 %; 330 of 366 are 90.2 %, 329 are 89.9 %.
@pytest.mark.parametrize(
    ("year", "kept", "given"), [(2019, 329, 1), (2019, 328, 0), (2020, 330, 1), (2020, 329, 0)]
)
@pytest.mark.parametrize("how", ["no row", "NaN", "-999"])
def test_a_year_needs_nine_tenths_of_its_days(year: int, kept: int, given: int, how: str) -> None:
    daily = year_of(year)
    if how == "no row":
        daily = daily.tail(kept)
    else:
        daily.loc[daily.index[:-kept], "t_max"] = NAN if how == "NaN" else -999.0
    (row,) = annual(daily, ["hot_days_30"]).to_dict("records")
    assert row["days_used"] == kept
    if given:
        assert (row["value"], row["reason"]) == (0, None)
    else:
        assert pd.isna(row["value"])
        assert row["reason"] == f"{kept} of {365 + (year == 2020)} days, less than 90%"


@pytest.mark.parametrize("missing", [NAN, -999.0])
def test_a_total_waits_for_the_last_day_of_the_year(missing: float) -> None:
    # What a reanalysis that lags five days gives on New Year's Day: 2 mm a day would sum to 720 and not 730.
    daily = year_of(2019, precipitation=days("01-01", "12-26", 2.0) | days("12-27", "12-31", missing))
    table = annual(daily, ["precipitation", "r20mm", "rx1day", "hot_days_30"]).set_index("statistic")
    assert table["value"].dropna().to_dict() == {"rx1day": 2, "hot_days_30": 0}
    assert table["reason"].dropna().to_dict() == dict.fromkeys(
        ("precipitation", "r20mm"), "the last day of the year is missing, so there is no total"
    )
    absent = annual(daily[daily["date"] < "2019-12-27"], ["precipitation"])
    assert absent["value"].isna().tolist() == [True]


def test_only_the_days_of_its_own_variable_complete_an_index() -> None:
    daily = year_of(2019, precipitation=days("01-01", "06-30", NAN))
    table = annual(daily, ["hot_days_30", "rx1day"]).set_index("statistic")
    assert table["value"].notna().to_dict() == {"hot_days_30": True, "rx1day": False}


def test_missing_days_are_neither_hot_nor_cold_nor_counted() -> None:
    absent = {"t_max": days("07-01", "07-20", -999.0), "t_mean": days("01-01", "01-20", -999.0)}
    daily = year_of(2019, **absent)
    assert value_of(daily, "hot_days_30") == 0
    assert value_of(daily, "hdd18") == 0
    assert value_of(daily, "t_mean") == 18
    assert value_of(daily, "txx") == 20


def test_uses_the_mean_of_extremes_if_a_source_has_no_means() -> None:
    extremes = year_of(2019, t_min={"01-01": -999.0}).drop(columns="t_mean")
    assert with_mean(extremes)["t_mean"].isna().tolist()[:2] == [True, False]
    # (20 + 10) / 2 = 15, so 3 degree days on each of 364 days.
    assert value_of(with_mean(extremes), "hdd18") == 3 * 364


def test_the_two_kinds_of_mean_are_never_mixed() -> None:
    daily = year_of(2019, t_mean={"01-01": NAN})
    assert with_mean(daily)["t_mean"].isna().sum() == 1


def test_a_day_given_twice_is_refused() -> None:
    daily = year_of(2019)
    with pytest.raises(ValueError, match="here has 2019-12-31 00:00:00 more than once"):
        annual(pd.concat([daily, daily.tail(1)]), ["txx"])


def hours(values: list[float | None], first: str = "2023-01-01T00:00") -> pd.DataFrame:
    times = pd.date_range(first, periods=len(values), freq="h")
    return pd.DataFrame({"place": "here", "time": times, "value": pd.Series(values, dtype=float)})


@pytest.mark.parametrize(("given", "mean"), [(24, 10.0), (18, 10.0), (17, None), (0, None)])
def test_a_day_needs_three_quarters_of_its_hours(given: int, mean: float | None) -> None:
    (row,) = daily_means(hours([10.0] * given + [None] * (24 - given))).to_dict("records")
    assert row["value"] == mean or (mean is None and pd.isna(row["value"]))


def test_the_mean_of_a_day_is_of_the_hours_it_has() -> None:
    # 12 hours of 10 and 8 of 20: 280 / 20 = 14; the next day has one hour only.
    table = daily_means(hours([10.0] * 12 + [20.0] * 8 + [None] * 4 + [99.0]))
    assert table["value"].tolist()[0] == 14
    assert table["value"].isna().tolist() == [False, True]
    assert [f"{date:%Y-%m-%d}" for date in table["date"]] == ["2023-01-01", "2023-01-02"]


def test_an_hour_given_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="more than once"):
        daily_means(pd.concat([hours([10.0]), hours([11.0])]))


def test_a_day_with_minimum_above_maximum_has_no_temperatures() -> None:
    # A minimum of 45 above the mild maximum of 20: the day is no tropical night, and one day short.
    wrong = year_of(2019, t_min={"07-01": 45.0})
    (row,) = annual(wrong, ["tropical_nights"]).to_dict("records")
    assert (row["value"], row["days_used"]) == (0, 364)
    # Rain has no part in the contradiction.
    (rain,) = annual(wrong, ["rx1day"]).to_dict("records")
    assert rain["days_used"] == 365
    equal = year_of(2019, t_min={"07-01": 20.0}, t_max={"07-01": 20.0})
    (row,) = annual(equal, ["txx"]).to_dict("records")
    assert row["days_used"] == 365
