"""The commands for best practices: `template`, and `parse` without a warehouse."""

import csv
import io
from pathlib import Path

import pytest

from city_indicators.__main__ import main
from city_indicators.intake.best_practices.models import COLUMNS
from demo.paths import SAMPLE


@pytest.mark.parametrize("name", ["form.csv", "form.xlsx", "FORM.CSV", "Form.Xlsx"])
def test_the_empty_template_is_read_as_no_rows(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    file = tmp_path / name
    assert main(["template", "best_practices", str(file)]) == 0
    assert main(["parse", "best_practice_cases", str(file)]) == 1
    assert capsys.readouterr().err == f"{name}: read 0 = accepted 0 + refused 0\n"


def test_the_workbook_has_notes_in_three_languages_and_lists_of_terms(tmp_path: Path) -> None:
    import openpyxl

    main(["template", "best_practices", str(tmp_path / "form.xlsx")])
    book = openpyxl.load_workbook(tmp_path / "form.xlsx")
    assert book.sheetnames == ["best_practices", "notes", "terms"]
    assert [cell.value for cell in book["best_practices"][1]] == list(COLUMNS)
    offered = {str(v.sqref): v.formula1 for v in book["best_practices"].data_validations.dataValidation}
    assert offered["I2:I1000"] == '"ongoing,completed"'
    assert [cell.value for cell in book["terms"][2]][:3] == ["cycles", "1", "1st cycle, 2012"]
    assert book["notes"].max_row == len(COLUMNS) + 1


def test_refuses_to_write_another_format(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["template", "best_practices", str(tmp_path / "form.ods")]) == 2
    assert "neither .csv nor .xlsx" in capsys.readouterr().err


def test_parse_prints_cases_as_csv_and_refused_rows_to_stderr(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "two.csv"
    lines = (SAMPLE / "best_practices.csv").read_text(encoding="utf-8").splitlines()[:3]
    file.write_text("\n".join([*lines[:2], lines[2].replace("winner", "won")]), encoding="utf-8")
    assert main(["parse", "best_practice_cases", str(file)]) == 0
    printed = capsys.readouterr()
    (row,) = csv.DictReader(io.StringIO(printed.out))
    assert (row["city"], row["country"], row["stage"]) == ("Kocaeli", "TUR", "winner")
    assert "refused two.csv row 3 (guangzhou-award-2012-lilongwe): vocabulary: stage: 'won'" in printed.err
    assert printed.err.endswith("two.csv: read 2 = accepted 1 + refused 1\n")
