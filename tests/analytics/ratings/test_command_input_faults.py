"""The command `rate` with invalid values or groups: it names file, row or key, and reason."""

from pathlib import Path

import pytest

from tests.analytics.ratings.refusals import FACTOR, GROUPS, METHOD, NOISE, VALUES, refusal, replaced

INPUTS = {
    "duplicate": ("x,A,5\n", "x,A,5\nx,A,5\n", "values.csv: x A: has several values"),
    "duplicate but for spaces": ("y,A,6", "x , A,6", "values.csv: x A: has several values"),
    "infinite": ("x,A,5", "x,A,-inf", "values.csv: row 2: the value '-inf' is not a finite number"),
    "greater than any number": (
        "x,A,5",
        "x,A,1e400",
        "values.csv: row 2: the value '1e400' is not a finite number",
    ),
    "beyond what can be added": (
        "x,A,5",
        "x,A,-1e308",
        "values.csv: index: x A: -1e+308 is beyond ±1e+60, within which sums and powers stay finite.",
    ),
    "quotient beyond what can be added": (
        "x,B,8\ny,B,6\nx,people,2",
        "x,B,1e40\ny,B,6\nx,people,1e-40",
        "values.csv: index: B: its denominator people is zero or nearly so: x",
    ),
    "all missing": ("x,A,5\ny,A,6", "x,A,\ny,A,", "values.csv: A: all its values are missing"),
    "nothing but projections": (
        VALUES,
        "unit,indicator,value,obs_status\nx,A,5,F\ny,A,,A\n",
        "values.csv: A: all its values are missing or projections",
    ),
    "missing indicator": (
        "x,A,5\ny,A,6\n",
        "",
        "values.csv: A: the method uses it, but the file does not have it",
    ),
    "no number": ("x,A,5", "x,A,<5", "values.csv: row 2: the value '<5' is not a finite number"),
    "not a number": ("y,A,6", "y,A,NaN", "values.csv: row 3: the value 'NaN' is not a finite number"),
    "decimal comma": ("x,A,5", 'x,A,"5,5"', "values.csv: row 2: the value '5,5' is not a finite number"),
    "no unit": ("y,A,6", " ,A,6", "values.csv: row 3: has no unit"),
    "no column": ("value", "observation", "values.csv: value: no such column"),
    "semicolons": (
        VALUES,
        VALUES.replace(",", ";"),
        "values.csv: (file): is separated by semicolons. Next step: save it with commas between columns and "
        "decimal points\n",
    ),
    "semicolons and decimal commas": (
        VALUES,
        VALUES.replace(",", ";").replace(";5", ";5,5"),
        "values.csv: (file): is separated by semicolons. Next",
    ),
    "tabs": (
        VALUES,
        VALUES.replace(",", "\t"),
        "values.csv: (file): is separated by tabs. Next step: save it",
    ),
    "a column twice": (
        VALUES,
        "\n".join(f"{row},{row[-1]}" for row in VALUES.splitlines()).replace("value,e", "value,value"),
        "values.csv: value: there are several columns of this name: keep one of them",
    ),
    "a cell too many": (
        "y,A,6",
        "y,A,6,7",
        "values.csv: row 3: has 4 cells, but the header has 3",
    ),
    "nothing": (VALUES, "", "values.csv: (file): is not CSV in UTF-8"),
    "denominator of zero": (
        "y,people,3",
        "y,people,0",
        "values.csv: index: B: its denominator people is zero or nearly so: y",
    ),
    "denominator of nearly zero": (
        "y,people,3",
        "y,people,1e-320",
        "values.csv: index: B: its denominator people is zero or nearly so: y",
    ),
    "logarithm of zero": ("x,C,10", "x,C,0", "values.csv: index: C: the value of x is 0"),
}
GROUP_FILES = {
    "no column": ("side", "area", "groups.csv: index: there is no column 'side', which the method uses"),
    "no unit": ("unit", "area", "groups.csv: unit: no such column; the file has ['area', 'side']"),
    "column twice": (
        "unit,side\nx,west\ny,east",
        "unit,side,side\nx,west,east\ny,east,west",
        "groups.csv: side: there are several columns of this name: keep one of them",
    ),
    "twice": ("y,east", "y,east\ny,west", "groups.csv: index: y has several rows of groups"),
}


@pytest.mark.parametrize(("old", "new", "expected"), INPUTS.values(), ids=INPUTS.keys())
def test_wrong_values(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], old: str, new: str, expected: str
) -> None:
    assert refusal(tmp_path, capsys, values=VALUES.replace(old, new)).startswith(expected)


@pytest.mark.parametrize(("old", "new", "expected"), GROUP_FILES.values(), ids=GROUP_FILES.keys())
def test_wrong_groups(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], old: str, new: str, expected: str
) -> None:
    assert refusal(tmp_path, capsys, groups=GROUPS.replace(old, new)).startswith(expected)


def test_missing_groups(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    message = refusal(tmp_path, capsys, groups=None)
    assert message == "cannot rate: --groups: index: there is no column 'side', which the method uses\n"


def test_a_status_for_which_no_noise_is_declared(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Only rated indicators are checked: the status of a denominator does not matter."""
    values = "\n".join(f"{row},A" for row in VALUES.splitlines()).replace("value,A", "value,obs_status")
    method = replaced(METHOD, FACTOR, f"noise: {NOISE}")
    for status in ("D", ""):
        wrong = values.replace("y,B,6,A", f"y,B,6,{status}").replace("x,people,2,A", "x,people,2,D")
        message = refusal(tmp_path, capsys, method, wrong)
        assert (
            message
            == f"values.csv: row 5: has the obs_status '{status}', for which the method declares no noise\n"
        )


def test_duplicates_of_a_year_are_refused_before_carrying_forward(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Carrying forward takes the latest value: it must not choose between two of the same year."""
    method = replaced(METHOD, "id: index", "id: index\nmax_age_years: 2")
    values = "\n".join(f"{row},2020" for row in VALUES.splitlines()).replace("value,2020", "value,period")
    message = refusal(tmp_path, capsys, method, values + "\nx,A,7,2020\n")
    assert message.startswith("values.csv: x A 2020: has several values")
