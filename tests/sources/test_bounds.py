"""The bounds of an answer, each exceeded in a process with little memory and time."""

import io
import resource
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Final

import pytest

from city_indicators.catalog import Catalogue
from city_indicators.core.errors import SourceContractError
from city_indicators.core.paths import PROJECT
from city_indicators.sources import forms, workbooks

MEMORY: Final = 1_500_000_000
SECONDS: Final = 60
READ: Final = """
import sys
from city_indicators.catalog import load_catalogue
from city_indicators.core.errors import SourceError
from city_indicators.core.intervals import EVERY_YEAR
from city_indicators.ingest import normalise
from city_indicators.sources.connectors import connector_of
from tests.publishers import as_snapshot

name, url, file = sys.argv[1:]
catalogue = load_catalogue()
source = catalogue.sources[name]
archived = iter([as_snapshot(open(file, "rb").read(), url)])
# To reach the bound itself takes a minute.
normalise.MAX_OBSERVATIONS = 200_000
records = connector_of(source).read(source, archived, EVERY_YEAR)
try:
    normalise.normalise(records, source, catalogue, EVERY_YEAR)
except SourceError as error:
    print(error)
else:
    print("read")
"""
SHEET_XML: Final = (
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">{}'
    "<sheetData>{}</sheetData></worksheet>"
)
UNDATA: Final = (
    "Country or Area,Year,Area,Sex,City,City type,Record Type,Reliability,Source Year,Value,Value Footnotes"
)
CHART: Final = "https://publisher.example/grapher/co-emissions-per-capita.csv"


def limited() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))


def outcome(name: str, content: bytes, folder: Path, url: str = "https://publisher.example/answer") -> str:
    """What reading an answer ends with, in a process of its own."""
    file = folder / "answer"
    file.write_bytes(content)
    done = subprocess.run(
        [sys.executable, "-c", READ, name, url, str(file)],
        env={"PYTHONPATH": f"{PROJECT / 'plugins'}:{PROJECT}", "OPENBLAS_NUM_THREADS": "1"},
        preexec_fn=limited,
        capture_output=True,
        text=True,
        cwd=PROJECT,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


def workbook(rows: str, dimension: str = "", sheets: int = 1, title: str = "Sheet") -> bytes:
    """A small workbook whose last sheet has these rows as XML, and the declared dimension."""
    from openpyxl import Workbook

    book = Workbook()
    book.worksheets[0].title = title
    for _ in range(sheets - 1):
        book.create_sheet()
    stream, changed = io.BytesIO(), io.BytesIO()
    book.save(stream)
    with zipfile.ZipFile(stream) as before, zipfile.ZipFile(changed, "w", zipfile.ZIP_DEFLATED) as after:
        for part in before.namelist():
            is_last = part == f"xl/worksheets/sheet{sheets}.xml"
            text = SHEET_XML.format(dimension and f'<dimension ref="{dimension}"/>', rows)
            after.writestr(part, text if is_last else before.read(part))
    return changed.getvalue()


def cell(name: str) -> str:
    return f'<c r="{name}" t="inlineStr"><is><t>x</t></is></c>'


def row(number: int, *cells: str) -> str:
    return f'<row r="{number}">{"".join(cells)}</row>'


FAR: Final = row(1, cell("A1")) + row(1_048_576, cell("XFD1048576"))
ANSWERS: Final = {
    "a far cell": ("un_sdg_waste", workbook(FAR), "spans 1048576 x 16384 cells"),
    "a far cell in a row without a number": (
        "un_sdg_waste",
        workbook(f"<row>{cell('XFD1048576')}</row>"),
        "cells, more than 5000000",
    ),
    "two million rows of ours": (
        "undata_population",
        f"{UNDATA}\n".encode()
        + b"Russian Federation,2010,Total,Both Sexes,MOSKVA,City proper,Estimate - de jure,x,2012,11500000,\n"
        * 2_000_000,
        "more than 200000 observations of our places",
    ),
    "two million rows to add": (
        "metro_systems",
        b"city,country,name,service_opened,last_expanded,stations,system_length\n"
        + b"Moscow,Russia,Metro,1935,2023,250,450\n" * 2_000_000,
        "more than 200000 rows to add",
    ),
    "a row of a hundred megabytes": ("metro_systems", b"city," * 20_000_000, "a row has more than 1048576"),
    "cells of many lines": ("metro_systems", b'"\n",' * 20_000_000, "a row has more than 1048576"),
    "two million lines of a chart": (
        "owid_grapher",
        b"Entity,Code,Year,Annual CO2 emissions (per capita)\n" + b"Russia,RUS,2020,11\n" * 2_000_000,
        "more than 200000 observations of our places",
    ),
    "forty million lines of days": ("nasa_power", b"\n" * 40_000_000, "more than 33554432 characters"),
    "twenty million empty arrays": ("world_bank", b"[" + b"[]," * 20_000_000 + b"[]]", "JSON of more than"),
}


@pytest.mark.parametrize("what", ANSWERS)
def test_an_answer_beyond_a_bound_is_refused_with_little_memory(what: str, tmp_path: Path) -> None:
    name, content, fault = ANSWERS[what]
    url = CHART if name == "owid_grapher" else "https://publisher.example/answer"
    assert fault in outcome(name, content, tmp_path, url)


@pytest.mark.parametrize(
    "content",
    [
        workbook(FAR),
        workbook("<row/>" * 9_999 + f"<row>{'<c/>' * 999}<c><v>1</v></c></row>"),
        workbook(f'<row r="9999"><c r="ALL9999" s="{"&gt;"}"><v>1</v></c></row>'),
        workbook(FAR.replace('"', "'")),
        workbook(FAR).replace(b"xl/worksheets/sheet1.xml", b"xl/worksheets/sheet9.xml"),
    ],
    ids=[
        "a cell",
        "the declared dimension",
        "cells without names",
        "single quotes",
        "a part of another name",
    ],
)
def test_a_sheet_that_spans_too_many_cells_is_not_opened(content: bytes) -> None:
    assert len(content) < 100_000
    assert "cells, more than 5000000 in all" in str(workbooks.too_wide(content))


@pytest.mark.parametrize(
    "content",
    [
        workbook(row(1, cell("A1")), dimension="A1:XFD1048576", title="data"),
        workbook(row(1, cell("A1")) + '<row r="1048576"><c r="XFD1048576" s="1"/></row>', title="data"),
    ],
    ids=["the declared dimension", "a format without a value"],
)
def test_cells_without_a_value_take_no_memory(content: bytes, tmp_path: Path) -> None:
    assert "a column is declared as" in outcome("un_sdg_waste", content, tmp_path)


def test_a_sheet_that_is_no_xml_before_a_far_cell_is_refused() -> None:
    assert "sheet1.xml of the workbook is no XML" in str(workbooks.too_wide(workbook(f"<row>&</row>{FAR}")))


def test_a_sheet_that_is_not_read_may_span_any_number_of_cells() -> None:
    content = workbook(FAR, sheets=2)
    assert workbooks.too_wide(content) is None
    assert workbooks.too_wide(content, "Sheet1") is not None
    assert workbooks.too_wide(content, every=True) is not None


def test_a_form_that_spans_too_many_cells_is_refused(catalogue: Catalogue) -> None:
    form = forms.Form("Data", (), lambda fault: SourceContractError("form", "form.xlsx", fault, "correct it"))
    with pytest.raises(SourceContractError, match="spans 1048576 x 16384 cells"):
        forms.read(workbook(FAR), form, workbook=True)
