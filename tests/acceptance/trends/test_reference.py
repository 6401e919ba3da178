"""Trends, convergence and city systems equal the reference values."""

from pathlib import Path

import pandas as pd
import pytest

from tests.acceptance.trends.differences import DOCUMENT, MARKERS, cities, differences, nile, series

TOLERANCE = 1e-9


@pytest.fixture(scope="module")
def folder(shared: Path) -> Path:
    return shared / "acceptance" / "trends"


def test_every_value_equals_the_reference(folder: Path) -> None:
    found = differences(folder)
    assert len(found) == 45
    beyond = found[~(found["difference"] <= TOLERANCE * found["largest"].clip(lower=1))]
    assert beyond.empty, beyond.to_string()


def test_series_and_years_are_compared_row_by_row(folder: Path) -> None:
    expected, found = series(folder)
    assert list(zip(expected["variable"], expected["iso3"], strict=True)) == list(
        zip(found["indicator"], found["ref_area"], strict=True)
    )
    expected, found = cities(folder)
    assert list(expected["year"]) == list(found["time_period"])


def test_verdicts_with_and_without_correction_equal_the_reference(folder: Path) -> None:
    expected, found = series(folder)

    def verdicts(z: pd.Series, p: pd.Series) -> list[str]:
        return [
            "no trend" if p_ >= 0.05 else "increasing" if z_ > 0 else "decreasing"
            for z_, p_ in zip(z, p, strict=True)
        ]

    assert verdicts(found["mk_z"], found["mk_p"]) == list(expected["mk_trend"])
    assert verdicts(found["mk_z_corrected"], found["mk_p_corrected"]) == list(expected["hr_trend"])


def test_level_shifts_equal_the_reference(folder: Path) -> None:
    """Years in the reference are the last of the old level, although its README says the first of the new."""
    expected, found = series(folder)
    last_of_old = [";".join(str(year - 1) for year in years) for years in found["shift_years"]]
    assert last_of_old == list(expected["pelt_l2_breaks"].astype(str))
    of_nile, found_nile = nile(folder)
    assert found_nile["shift_years"] == [of_nile["l2_break_last_year_of_first_segment"] + 1]
    assert found_nile["pettitt_year"] == of_nile["pettitt_last_year_of_first_segment"] + 1


def test_the_document_shows_every_quantity(folder: Path) -> None:
    shown = DOCUMENT.read_text(encoding="utf-8").split(MARKERS[0])[1].split(MARKERS[1])[0]
    for row in differences(folder).itertuples():
        assert f"| {row.reference} | `{row.column}` | {row.observations} |" in shown
