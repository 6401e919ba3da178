"""The command `rate`: its output."""

import csv
import json
import os
from itertools import permutations
from pathlib import Path

import pytest

from city_indicators.__main__ import main

METHOD = """
id: index
version: 1.0.0
indicators:
  - {indicator: A, weight: 0.75, worst: 0, best: 10}
  - {indicator: B, weight: 0.25, worst: 10, best: 0}
"""
VALUES = """unit,indicator,value
x,A,5
x,B,5
y,A,10
y,B,
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "method.yaml").write_text(METHOD, encoding="utf-8")
    (tmp_path / "values.csv").write_text(VALUES, encoding="utf-8")
    return tmp_path


def rate(folder: Path, *more: str) -> int:
    return main(["rate", str(folder / "method.yaml"), "--inputs", str(folder / "values.csv"), *more])


def rows(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def test_without_a_folder_the_scores_are_printed(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert rate(folder) == 0
    printed = list(csv.DictReader(capsys.readouterr().out.splitlines()))
    # 0.75 × 50 + 0.25 × 50, and A alone.
    assert [(row["unit"], row["score"], row["rank"]) for row in printed] == [
        ("x", "50.0", "2"),
        ("y", "100.0", "1"),
    ]
    assert "period" not in printed[0]


def test_values_may_come_from_a_pipe(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It can be read once only: `rate METHOD --inputs <(command)`."""
    reading, writing = os.pipe()
    with os.fdopen(writing, "w", encoding="utf-8") as values:
        values.write(VALUES)
    try:
        assert main(["rate", str(folder / "method.yaml"), "--inputs", f"/dev/fd/{reading}"]) == 0
    finally:
        os.close(reading)
    printed = list(csv.DictReader(capsys.readouterr().out.splitlines()))
    assert [(row["unit"], row["score"]) for row in printed] == [("x", "50.0"), ("y", "100.0")]


def test_spaces_around_a_cell_make_no_other_unit(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "values.csv").write_text(
        "unit , indicator,value\nx, A , 5\n x,B,5\ny\u00a0,A,10\ny,B, \n", encoding="utf-8"
    )
    assert rate(folder) == 0
    printed = list(csv.DictReader(capsys.readouterr().out.splitlines()))
    assert [(row["unit"], row["score"]) for row in printed] == [("x", "50.0"), ("y", "100.0")]


def test_projections_are_left_out_and_counted(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The only A of y is a projection; x has an observation too. Neither 2031 nor Z is rated."""
    (folder / "values.csv").write_text(
        "unit,indicator,value,period,obs_status\n"
        "x,A,5,2020,A\nx,A,9,2020,F\nx,B,5,2020,P\ny,A,10,2020,F\ny,B,0,2020,E\n"
        "x,A,10,2031,F\nx,Z,1,2020,F\nx,B,,2020,F\n",
        encoding="utf-8",
    )
    assert rate(folder) == 0
    printed = capsys.readouterr()
    found = list(csv.DictReader(printed.out.splitlines()))
    assert [(row["period"], row["unit"], row["score"], row["coverage"]) for row in found] == [
        ("2020", "x", "50.0", "1.0"),
        ("2020", "y", "100.0", "0.5"),
    ]
    assert printed.err == "projections (obs_status F) left out: 3\n"


def test_only_line_ends_end_a_row(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The separators of Unicode and of teletypes are characters of a name like others."""
    for character in "\u2028\x0b\x1d":
        values = VALUES.replace("x,", f"x{character}x,").replace("\n", "\r\n")
        (folder / "values.csv").write_text(values, encoding="utf-8", newline="")
        assert rate(folder) == 0
        assert f"x{character}x,50.0" in capsys.readouterr().out


def test_a_constant_gives_a_warning(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    method = METHOD.replace("version: 1.0.0", "version: 1.0.0\nnormalisation: min_max")
    (folder / "method.yaml").write_text(method, encoding="utf-8")
    (folder / "values.csv").write_text(VALUES.replace("y,B,", "y,B,5"), encoding="utf-8")
    assert rate(folder) == 0
    assert capsys.readouterr().err == "warning: B: all values are equal, so it has no score and no weight\n"


def test_nobody_ranked_is_no_success(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The tables are there, to see why; a script that goes on with the ranks must notice."""
    method = METHOD.replace("version: 1.0.0", "version: 1.0.0\ncoverage: {overall: 1}")
    (folder / "method.yaml").write_text(method, encoding="utf-8")
    assert rate(folder) == 0
    (folder / "values.csv").write_text(VALUES.replace("x,B,5", "z,B,5"), encoding="utf-8")
    capsys.readouterr()
    assert rate(folder, "--out", str(folder / "out")) == 1
    assert capsys.readouterr().err == "nobody is ranked: too_few_indicators 3\n"
    assert [row["rank"] for row in rows(folder / "out" / "scores.csv")] == ["", "", ""]


def test_a_year_without_a_ranked_unit_gives_a_warning(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    method = METHOD.replace("version: 1.0.0", "version: 1.0.0\ncoverage: {overall: 1}")
    (folder / "method.yaml").write_text(method, encoding="utf-8")
    values = "unit,indicator,value,period\nx,A,5,2020\nx,B,5,2020\nx,A,5,2021\n"
    (folder / "values.csv").write_text(values, encoding="utf-8")
    assert rate(folder) == 0
    assert capsys.readouterr().err == "warning: nobody is ranked in 2021\n"


def test_a_method_without_pillars_writes_an_empty_table(folder: Path) -> None:
    assert rate(folder, "--out", str(folder / "out")) == 0
    assert rows(folder / "out" / "pillars.csv") == []
    header = (folder / "out" / "pillars.csv").read_text(encoding="utf-8")
    assert header.startswith("unit,pillar,parent,weight,")


def test_contributions_and_inputs_can_be_followed(folder: Path) -> None:
    assert rate(folder, "--out", str(folder / "out")) == 0
    (a, b) = (row for row in rows(folder / "out" / "indicators.csv") if row["unit"] == "x")
    assert (float(a["value"]), a["normalised"], a["weight"], a["contribution"]) == (5, "50.0", "0.75", "37.5")
    assert (float(b["value"]), b["normalised"], b["weight"], b["contribution"]) == (5, "50.0", "0.25", "12.5")


PILLARS = """
  - id: one
    weight: 0.7
    indicators:
      - {indicator: A, weight: 0.1, worst: 0, best: 10}
      - {indicator: B, weight: 0.2, worst: 10, best: 0}
      - {indicator: C, weight: 0.7, worst: 0, best: 7}
  - id: two
    weight: 0.2
    aggregation: geometric
    indicators:
      - {indicator: D, weight: 0.6, worst: 0, best: 3}
      - {indicator: E, weight: 0.4, worst: 0, best: 3}
  - id: three
    weight: 0.1
    indicators:
      - {indicator: F, weight: 1, worst: 0, best: 9}
"""
ANALYSED = """
id: index
version: 1.0.0
scale: [10, 100]
uncertainty:
  draws: 100
  seed: 4
  factors: {weights: 0.3, drop_indicator: true, normalisation: [goalposts, min_max, percentile_rank]}
pillars:"""


def written(folder: Path, pillars: str, rows: list[str]) -> dict[str, bytes]:
    (folder / "method.yaml").write_text(ANALYSED + pillars, encoding="utf-8")
    (folder / "values.csv").write_text("\n".join(["unit,indicator,value", *rows]), encoding="utf-8")
    assert rate(folder, "--out", str(folder / "out")) == 0
    return {file.name: file.read_bytes() for file in (folder / "out").iterdir()}


def values(units: str = "vwxyz") -> list[str]:
    """Values with three decimals and one gap."""
    rows = [
        f"{unit},{indicator},{(place * number * 7919) % 3001 / 1000}"
        for place, unit in enumerate(units, 3)
        for number, indicator in enumerate("ABCDEF", 5)
    ]
    return [row for row in rows if not row.startswith("x,B")]


def test_the_order_of_rows_pillars_and_indicators_changes_no_byte(tmp_path: Path) -> None:
    expected = written(tmp_path, PILLARS, values())
    assert set(expected) == {
        f"{name}.csv"
        for name in (
            *("scores", "pillars", "indicators", "coherence", "sensitivity"),
            *("uncertainty", "pairs", "draws", "scenarios"),
        )
    }
    assert written(tmp_path, PILLARS, values()[::-1]) == expected
    one, two, three = (f"\n  - id:{pillar}" for pillar in PILLARS.strip().split("- id:")[1:])
    for order in permutations([one, two, three]):
        assert written(tmp_path, "".join(part.rstrip() for part in order), values()) == expected
    head, a, b, c = one.rstrip().split("\n      - ")
    for order in permutations([a, b, c]):
        pillars = "\n      - ".join([head, *order]) + two.rstrip() + three
        assert written(tmp_path, pillars, sorted(values())) == expected


def test_a_new_unit_changes_no_score_of_another(tmp_path: Path) -> None:
    before = written(tmp_path, PILLARS, values("vwxyz"))["scores.csv"].decode().splitlines()
    after = written(tmp_path, PILLARS, values("vwxyzq"))["scores.csv"].decode().splitlines()
    scores = [
        dict(csv.reader([",".join(line.split(",")[:2]) for line in lines])) for lines in (before, after)
    ]
    assert set(scores[1]) - set(scores[0]) == {"q"}
    for unit in "vwxyz":
        assert float(scores[1][unit]) == pytest.approx(float(scores[0][unit]), abs=1e-12)


def test_the_parameters_of_draws_are_stored_as_json(tmp_path: Path) -> None:
    written(tmp_path, PILLARS, values())
    draws = rows(tmp_path / "out" / "draws.csv")
    assert [row["draw"] for row in draws] == [str(number) for number in range(100)]
    for row in draws:
        parameters = json.loads(row["parameters"])
        assert set(parameters) == {"weights", "drop_indicator", "normalisation", "weight"}
        assert parameters["weight"][parameters["drop_indicator"]] == 0


def test_a_basis_that_is_not_allowed_hides_no_earlier_value(folder: Path) -> None:
    method = METHOD.replace("version: 1.0.0", "version: 1.0.0\nmax_age_years: 2")
    limit = method.replace("indicator: A,", "indicator: A, geo_basis: [city],")
    (folder / "method.yaml").write_text(limit, encoding="utf-8")
    (folder / "values.csv").write_text(
        "unit,indicator,value,period,geo_basis\nx,A,5,2020,city\nx,A,9,2021,country\nx,B,5,2021,country\n",
        encoding="utf-8",
    )
    assert rate(folder, "--out", str(folder / "out")) == 0
    cells = rows(folder / "out" / "indicators.csv")
    found = {(row["period"], row["indicator"]): row["value"] for row in cells}
    assert found["2021", "A"] == "5.0"
    assert found["2021", "B"] == "5.0"


def test_a_value_is_carried_forward_as_long_as_declared(folder: Path) -> None:
    method = METHOD.replace("version: 1.0.0", "version: 1.0.0\nmax_age_years: 2")
    (folder / "method.yaml").write_text(method, encoding="utf-8")
    years = "".join(f"y,A,1,{year}\ny,B,9,{year}\n" for year in range(2018, 2023))
    (folder / "values.csv").write_text(
        f"unit,indicator,value,period\n{years}x,A,5,2018\nx,A,7,2019\n", encoding="utf-8"
    )
    assert rate(folder, "--out", str(folder / "out")) == 0
    cells = rows(folder / "out" / "indicators.csv")
    carried = {row["period"]: row["value"] for row in cells if (row["unit"], row["indicator"]) == ("x", "A")}
    assert carried == {"2018": "5.0", "2019": "7.0", "2020": "7.0", "2021": "7.0", "2022": ""}
