"""Tables whose rows are joined, whose periods are dates, and whose numbers have a decimal comma."""

from typing import Any

import pytest

from city_indicators.catalog.source import Layout
from tests.sources.test_table import HEADER, LAYOUT, normalised, read, source

__all__ = ["normalised", "read", "source"]


@pytest.mark.parametrize(
    ("how", "value"),
    [("sum", 12.5), ("mean", 4.166666666666667), ("min", 0.5), ("max", 10.0), ("count", 3.0)],
)
def test_rows_are_joined_by_hand(read: Any, how: str, value: float) -> None:
    """0.5, 2 and 10: the sum 12.5, the mean 12.5 / 3."""
    content = HEADER + "".join(f"Japan,Tokyo,2020,line {km},{km}\n" for km in ("2", "0.5", "10"))
    (tokyo,) = read(content, series={"combine": how})
    assert tokyo.value == pytest.approx(value, abs=1e-12)
    assert tokyo.pointer == "line 2/km + line 3/km + line 4/km"


@pytest.mark.parametrize("how", ["mean", "min", "max"])
def test_what_is_joined_with_an_unknown_part_is_unknown_but_can_be_counted(read: Any, how: str) -> None:
    content = HEADER + "Japan,Tokyo,2020,Toei,109\nJapan,Tokyo,2020,Metro,\n"
    assert [r.value for r in read(content, series={"combine": how})] == [None]
    assert [r.value for r in read(content, series={"combine": "count"})] == [1.0]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1,5", 1.5),
        ("1.234,5", 1234.5),
        ("1 234 567", 1234567.0),
        ("-12,25", -12.25),
        ("7", 7.0),
        # With a comma as decimal sign, a point separates thousands: this is no number.
        ("1.5", None),
        ("12.34", None),
        ("1,234,567", None),
    ],
)
def test_a_decimal_comma_is_declared(normalised: Any, text: str, number: float | None) -> None:
    content = f'{HEADER}Japan,Tokyo,2020,Toei,"{text}"\n'
    (row,) = normalised(content, series={"decimal": ","}).observations.to_dict("records")
    assert row["value_as_published"] == text
    assert row["obs_value"] == number if number is not None else row["obs_value"] != row["obs_value"]


def test_numbers_with_a_decimal_comma_are_added(read: Any) -> None:
    content = f'{HEADER}Japan,Tokyo,2020,Toei,"109,5"\nJapan,Tokyo,2020,Metro,"1.195,25"\n'
    assert [r.value for r in read(content, series={"combine": "sum", "decimal": ","})] == [1304.75]


def test_a_column_of_dates_gives_their_years(normalised: Any) -> None:
    content = HEADER + "Japan,Tokyo,31.12.2020,Toei,109\nFrance,Paris,2020-12-31,Metro,226\n"
    rows = normalised(content, period_format="%d.%m.%Y").observations
    assert rows["time_period"].tolist() == ["2020", "2020-12-31"]
    # A date in another notation stays as it is, and is rejected: it is no year.
    assert rows["fault"].isna().tolist() == [True, False]


def test_a_notation_of_dates_needs_their_column() -> None:
    with pytest.raises(ValueError, match="`period_format` needs the column of the dates"):
        Layout.model_validate({**LAYOUT, "period": 2020, "period_format": "%Y"})
