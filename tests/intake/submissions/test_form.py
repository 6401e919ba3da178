"""The empty form of a city submission: its rows, its notes in three languages, wrong arguments."""

from pathlib import Path

import openpyxl  # noqa: TID253
import pytest

from city_indicators.__main__ import main
from city_indicators.catalog import Catalogue, Source
from city_indicators.core.errors import CatalogueError
from city_indicators.ingest.parse import parse_files
from city_indicators.intake.submissions import file as submission_file
from city_indicators.intake.submissions.form import write
from city_indicators.orchestration.formats import register_formats
from tests.publishers import as_snapshot

register_formats()


@pytest.fixture
def source(catalogue: Catalogue) -> Source:
    return catalogue.sources["city_submission"]


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_the_form_has_every_indicator_with_its_unit_and_is_read_as_empty(
    catalogue: Catalogue, source: Source, tmp_path: Path, suffix: str
) -> None:
    file = tmp_path / f"form{suffix}"
    assert main(["template", "submission", str(file), "--city", "moscow", "--period", "2024"]) == 0
    done = parse_files("city_submission", [file], catalogue)
    assert (len(done.accepted), len(done.rejected), done.empty_cells) == (0, 0, len(source.series))
    found = submission_file.lines(*as_snapshot(file.read_bytes()))
    assert [line.cells["indicator"] for line in found] == [series.indicator for series in source.series]
    assert {line.cells["city"] for line in found} == {"moscow"}
    assert {line.cells["unit"] for line in found if line.cells["indicator"] == "HEAT_USE"} == {"GWh"}


def test_the_notes_name_every_indicator_in_three_languages(
    catalogue: Catalogue, source: Source, tmp_path: Path
) -> None:
    file = tmp_path / "form.xlsx"
    write(file, catalogue)
    book = openpyxl.load_workbook(file)
    notes = {row[0]: row for row in book["notes"].iter_rows(values_only=True)}
    assert notes["HEAT_USE"][1:7] == (
        "Thermal energy consumption of the city",
        "Потребление тепловой энергии в городе",
        "城市热能消费量",
        "GWh",
        "ГВт·ч",
        "吉瓦时",
    )
    (choice,) = book["form"].data_validations.dataValidation
    first, last = (int(part) for part in choice.formula1.replace("=notes!$A$", "").split(":$A$"))
    chosen = [book["notes"].cell(number, 1).value for number in range(first, last + 1)]
    assert chosen == [series.indicator for series in source.series]


def test_refuses_an_unknown_city_or_format(catalogue: Catalogue, tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match="mosow"):
        write(tmp_path / "form.csv", catalogue, "mosow")
    with pytest.raises(CatalogueError, match=r"\.csv or \.xlsx"):
        write(tmp_path / "form.pdf", catalogue)
