"""Export formats, read back and compared with the warehouse cell by cell."""

import csv
import io
import json
import math
import subprocess
import sys
import zipfile
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sqlalchemy import Engine, func, select

from city_indicators.core.errors import ExportError
from city_indicators.delivery.exports import workbook
from city_indicators.delivery.exports.cells import DANGEROUS
from city_indicators.delivery.exports.delimited import copied
from city_indicators.delivery.exports.files import BLOCK
from city_indicators.delivery.exports.tables import BATCH, SETS, batches, reading
from tests.warehouse.exported import COLUMNS, NOON, ROWS, exported, opened


def as_csv(value: Any) -> Any:
    """The expected cell of CSV by the rules of docs/reference/exports.md; JSON stays an object."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "INF" if value > 0 else "-INF"
    return value.isoformat() if isinstance(value, date) else "" if value is None else str(value)


def test_csv_has_every_value_unchanged(specimens: Engine) -> None:
    body = exported(specimens, "specimen", "csv").getvalue().decode()
    header, *rows = csv.reader(io.StringIO(body, newline=""))
    assert tuple(header) == COLUMNS
    assert len(rows) == len(ROWS)
    for row, expected in zip(rows, ROWS, strict=True):
        for column, cell, value in zip(COLUMNS, row, expected, strict=True):
            if column in ("tags", "numbers", "detail"):
                assert (json.loads(cell) if cell else None) == value, column
            elif isinstance(value, float):
                assert cell == as_csv(value) or float(cell) == value, column
            elif column == "known_from" and value:
                assert (datetime.fromisoformat(cell), cell[10], cell[-6:]) == (value, "T", "+00:00")
            elif column == "exact":
                assert cell == ("1234567890.12" if value else ""), column
            else:
                assert cell == as_csv(value), column


def test_csv_distinguishes_an_empty_text_from_a_missing_value(specimens: Engine) -> None:
    body = exported(specimens, "specimen", "csv", "id=7").getvalue()
    assert body.split(b"\n")[1:] == ['7,"",,,false,,,,,,,,,Moscow,Москва,莫斯科'.encode(), b""]


def test_streams_rows_in_blocks(specimens: Engine) -> None:
    endless = select(func.generate_series(1, 10**15).label("n"))
    with reading(specimens) as connection:
        first = next(copied(connection, endless))
    assert BLOCK <= len(first) < 2 * BLOCK
    with reading(specimens) as connection:
        rows = next(batches(connection, endless))
    assert [row.n for row in rows] == list(range(1, BATCH + 1))


def test_parquet_has_every_value_with_its_database_type(specimens: Engine) -> None:
    table = pq.read_table(exported(specimens, "specimen", "parquet"))
    assert table.schema.field("known_from").type == pa.timestamp("us", tz="UTC")
    assert table.schema.field("local_time").type == pa.timestamp("us")
    assert table.schema.field("day").type == pa.date32()
    assert table.schema.field("tags").type == pa.list_(pa.string())
    assert table.schema.field("numbers").type == pa.list_(pa.int64())
    assert table.schema.field("amount").type == pa.float64()
    assert [field.name for field in table.schema if not field.nullable] == [
        *("id", "words", "flag", "place_name_en", "place_name_ru", "place_name_zh")
    ]
    read = [tuple(row.values()) for row in table.to_pylist()]
    assert len(read) == len(ROWS)
    for row, expected in zip(read, ROWS, strict=True):
        for column, cell, value in zip(COLUMNS, row, expected, strict=True):
            found = json.loads(cell) if column == "detail" and cell else cell
            assert found == value or (math.isnan(found) and math.isnan(value)), column
    metadata = {key.decode(): value.decode() for key, value in table.schema.metadata.items()}
    assert metadata["table"] == "report.specimen"
    assert metadata["exported_at"] == "2026-03-04T05:06:07+00:00"
    assert "licence" in metadata["licence"]
    assert [s["licence"] for s in json.loads(metadata["sources"])] == ["CC-BY-4.0", "CC-BY-4.0"]


def test_an_empty_table_has_its_columns_in_every_format(specimens: Engine) -> None:
    nothing = "id=0"
    assert exported(specimens, "specimen", "csv", nothing).getvalue() == (",".join(COLUMNS) + "\n").encode()
    table = pq.read_table(exported(specimens, "specimen", "parquet", nothing))
    assert (tuple(table.column_names), table.num_rows) == (COLUMNS, 0)
    book = opened(exported(specimens, "specimen", "xlsx", nothing))
    assert book["specimen"].max_row == 1


def as_cell(value: Any) -> Any:
    """The expected cell of a workbook by the rules of docs/reference/exports.md."""
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "∞" if value > 0 else "−∞"
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day) if value.year > 1900 else value.isoformat()
    if isinstance(value, list):
        return ", ".join(map(str, value)) or None
    if isinstance(value, str):
        # A workbook has only line feeds.
        safe = f"'{value}" if value[:1] in ("=", "+", "-", "@", "\t", "\r") and value else value
        return safe.replace("\r\n", "\n").replace("\r", "\n") or None
    return value


def test_a_workbook_has_every_value_and_no_formula(specimens: Engine) -> None:
    book = opened(exported(specimens, "specimen", "xlsx", language="ru"))
    sheet = book["specimen"]
    names = [name for name in COLUMNS if not name.endswith(("_en", "_zh"))]
    header, *rows = sheet.iter_rows()
    heads = [cell.value for cell in header]
    assert heads[:4] == ["id", "words", "amount", "Единица измерения"]
    assert heads[-2:] == ["Источник", "Территория"]
    assert len(rows) == len(ROWS)
    for row, expected in zip(rows, ROWS, strict=True):
        values = {name: value for name, value in zip(COLUMNS, expected, strict=True) if name in names}
        for name, cell in zip(names, row, strict=True):
            assert cell.data_type != "f", name
            if name == "detail":
                assert (None if cell.value is None else json.loads(cell.value)) == values[name]
            elif name == "known_from" and cell.value is not None:
                # A spreadsheet stores a timestamp as a float of days.
                assert abs(cell.value - as_cell(values[name])).total_seconds() < 0.001
            elif name == "words" and len(values[name]) > 32_767:
                assert len(cell.value) == 32_767
                assert cell.value.endswith("xx… обрезано; полный текст — в CSV")
            else:
                assert cell.value == as_cell(values[name]), name
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("A2", f"A1:N{len(ROWS) + 1}")
    assert header[0].font.bold
    assert rows[0][5].number_format == "yyyy-mm-dd"


def test_no_text_of_any_sheet_begins_like_a_formula(specimens: Engine) -> None:
    book = opened(exported(specimens, "specimen", "xlsx", "words==HYPERLINK", language="zh"))
    everything = [cell.value for sheet in book for row in sheet.iter_rows() for cell in row]
    assert "words = =HYPERLINK" in everything
    assert not [value for value in everything if isinstance(value, str) and value.startswith(DANGEROUS)]


def test_a_workbook_has_notes_sources_and_labels_of_codes(specimens: Engine) -> None:
    of_year = ("rating=climate_first", "time_period=2022")
    book = opened(exported(specimens, "ratings", "xlsx", *of_year, language="ru"))
    assert book.sheetnames == [
        *("rating", "rating_pillar", "rating_indicator", "Примечания", "Источники и лицензии")
    ]
    rating = list(book["rating"].iter_rows(values_only=True))
    assert rating[0][2:6] == ("Код территории", "Версия методики", "Город", "Страна")
    assert [row[4] for row in rating[1:]] == ["Москва", "Пекин"]
    notes = [row[:3] for row in book["Примечания"].iter_rows(values_only=True)]
    assert ("Таблица", "report.rating_indicator", None) in notes
    assert ("Одна строка", "рейтинг × год × город", None) in notes
    assert ("Строк", 2, None) in notes
    assert ("Только строки, где", "rating = climate_first, time_period = 2022", None) in notes
    assert ("Версия методики", "1.2", None) in notes
    # The rows of the year are from the first of two refreshes.
    assert ("Отчёты обновлены (UTC)", datetime(2026, 1, 2, 3, 4, 5), None) in notes
    assert ("Выгружено (UTC)", datetime(2026, 3, 4, 5, 6, 7), None) in notes
    assert ("Группы", "BRICS", "БРИКС") in notes
    assert ("Единица измерения", "UG_M3", "мкг/м³") in notes
    assert ("Страна", "CHN", "Китай") in notes
    assert ("Статус значения", "E", "оценка") in notes
    assert ("Почему вне рейтинга", "pillar_incomplete:air", "недостаточно данных в разделе: air") in notes
    # The year has only one of the two sources.
    (_, source) = book["Источники и лицензии"].iter_rows(values_only=True)
    assert (source[0], source[4]) == ("world_bank", "CC-BY-4.0")


def test_a_workbook_lists_cities_by_rank_and_a_csv_by_key(specimens: Engine) -> None:
    sheet = opened(exported(specimens, "rating", "xlsx", "time_period=2022"))["rating"]
    assert [row[4].value for row in sheet.iter_rows(min_row=2)] == ["Moscow", "Beijing"]
    lines = io.StringIO(exported(specimens, "rating", "csv", "time_period=2022").getvalue().decode())
    assert [row["ref_area"] for row in csv.DictReader(lines)] == ["beijing", "moscow"]


def test_lists_the_source_of_a_denominator_with_its_licence(specimens: Engine) -> None:
    book = opened(exported(specimens, "ratings", "xlsx", "time_period=2021"))
    sources = [
        (row[0], row[4]) for row in book["Sources and licences"].iter_rows(min_row=2, values_only=True)
    ]
    assert sources == [("owid_grapher", "CC-BY-4.0"), ("un_wup", "CC-BY-3.0-IGO")]


def test_the_vintage_is_the_newest_of_the_rows(specimens: Engine) -> None:
    book = opened(exported(specimens, "specimen", "xlsx"))
    notes = [row[:2] for row in book["Notes"].iter_rows(values_only=True)]
    assert ("Latest value known from (UTC)", NOON.replace(tzinfo=None)) in notes
    assert ("Reports refreshed (UTC)", datetime(2026, 2, 3, 4, 5, 6)) in notes


def test_a_table_without_sources_lists_all_of_the_catalogue(specimens: Engine) -> None:
    book = opened(exported(specimens, "rating_pillar", "xlsx"))
    with reading(specimens) as connection:
        every = set(connection.exec_driver_sql("select source from catalog.source").scalars())
    assert {row[0] for row in book["Sources and licences"].iter_rows(min_row=2, values_only=True)} == every


def test_refuses_more_rows_than_a_sheet_has(specimens: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "MAX_ROWS", len(ROWS))
    assert exported(specimens, "specimen", "xlsx").getvalue()
    monkeypatch.setattr(workbook, "MAX_ROWS", len(ROWS) - 1)
    with pytest.raises(ExportError, match=r"specimen has 18 rows, .* holds 17\. Next step: select fewer"):
        exported(specimens, "specimen", "xlsx")


@pytest.fixture
def package(specimens: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The package of two tables, unzipped."""
    monkeypatch.setitem(SETS, "specimens", ("specimen", "specimen_part"))
    with zipfile.ZipFile(exported(specimens, "specimens", "package")) as bundle:
        bundle.extractall(tmp_path)
    return tmp_path


def frictionless(package: Path) -> dict[str, Any]:
    command = [sys.executable, "-m", "frictionless", "validate", "datapackage.json", "--json"]
    done = subprocess.run(command, cwd=package, capture_output=True, text=True, check=False)
    report: dict[str, Any] = json.loads(done.stdout)
    assert (done.returncode == 0) == report["valid"], done.stderr
    return report


def test_frictionless_validates_the_package_and_finds_a_damaged_cell(package: Path) -> None:
    report = frictionless(package)
    assert report["valid"], report
    assert [task["stats"]["rows"] for task in report["tasks"]] == [len(ROWS), 3]
    damaged = package / "specimen.csv"
    damaged.write_text(damaged.read_text(encoding="utf-8").replace("12655050", "many"), encoding="utf-8")
    report = frictionless(package)
    assert not report["valid"]
    errors = [(e["type"], e["fieldName"], e["cell"]) for task in report["tasks"] for e in task["errors"]]
    assert errors == [("type-error", "amount", "many")]


def test_a_package_of_all_sources_has_valid_licences(specimens: Engine, tmp_path: Path) -> None:
    with zipfile.ZipFile(exported(specimens, "specimen_part", "package")) as bundle:
        bundle.extractall(tmp_path)
    licences = json.loads((tmp_path / "datapackage.json").read_text(encoding="utf-8"))["licenses"]
    assert len(licences) > 20
    assert [
        licence["name"] for licence in licences if not licence.get("path", "").startswith("https://")
    ] == ["As-of-the-linked-evidence"]
    assert all(licence.get("path") != "" for licence in licences)
    report = frictionless(tmp_path)
    assert report["valid"], report


def test_the_descriptor_has_types_keys_units_and_licences(package: Path) -> None:
    descriptor = json.loads((package / "datapackage.json").read_text(encoding="utf-8"))
    assert descriptor["$schema"] == "https://datapackage.org/profiles/2.0/datapackage.json"
    assert (descriptor["name"], descriptor["version"]) == ("city-indicators-specimens", "2026-03-04")
    assert descriptor["created"] == "2026-03-04T05:06:07+00:00"
    assert [(licence["name"], licence["path"]) for licence in descriptor["licenses"]] == [
        ("CC-BY-4.0", "https://creativecommons.org/licenses/by/4.0/")
    ] * 2
    assert [source["title"][-12:] for source in descriptor["sources"]] == ["wid_grapher)", "(world_bank)"]
    specimen, part = descriptor["resources"]
    assert [specimen[key] for key in ("type", "path", "format", "mediatype", "encoding")] == [
        *("table", "specimen.csv", "csv", "text/csv", "utf-8")
    ]
    fields = {field["name"]: field for field in specimen["schema"]["fields"]}
    assert [fields[name]["type"] for name in COLUMNS] == [
        *(
            "integer",
            "string",
            "number",
            "string",
            "boolean",
            "date",
            "datetime",
            "datetime",
            "array",
            "array",
        ),
        *("string", "number", "string", "string", "string", "string"),
    ]
    assert fields["flag"]["constraints"] == {"required": True}
    # One of the words is an empty text, which a reader of CSV takes for a missing value.
    assert "constraints" not in fields["words"]
    assert fields["words"]["description"] == "Anything."
    assert fields["place_name_ru"]["title"] == "Place (ru)"
    assert fields["unit_measure"]["categories"] == [
        {"value": "PT", "label": "%"},
        {"value": "UG_M3", "label": "µg/m³"},
    ]
    assert (specimen["schema"]["primaryKey"], specimen["schema"]["missingValues"]) == (["id"], [""])
    reference = {"resource": "specimen", "fields": ["id"]}
    assert part["schema"]["foreignKeys"] == [{"fields": ["specimen"], "reference": reference}]


def test_sdmx_csv_has_the_latest_observations_one_a_row(specimens: Engine) -> None:
    body = exported(specimens, "observations", "sdmx-csv").getvalue().decode()
    assert body.splitlines()[0] == (
        "STRUCTURE,STRUCTURE_ID,ACTION,FREQ,REF_AREA,INDICATOR,SOURCE,TIME_PERIOD,OBS_VALUE,"
        "UNIT_MEASURE,OBS_STATUS,GEO_BASIS,COMMENT_OBS,VERSION,KNOWN_FROM"
    )
    rows = list(csv.DictReader(io.StringIO(body, newline="")))
    fixed = {"dataflow CITY_INDICATORS:OBSERVATIONS(1.0.0) I"}
    assert {f"{row['STRUCTURE']} {row['STRUCTURE_ID']} {row['ACTION']}" for row in rows} == fixed
    assert [tuple(row.values())[3:] for row in rows] == [
        (
            *("A", "RUS", "PM25_EXPOSURE", "world_bank", "2020", "12.5", "UG_M3", "E", "country"),
            *("", "1", "2026-01-01T12:00:00+00:00"),
        ),
        (
            *("A", "RUS", "URB_SHARE", "world_bank", "2020", "74.75", "PT", "A", "country"),
            *('The point is lost, "7475" (https://x.example/note)', "2", "2026-01-01T12:00:00+00:00"),
        ),
        (
            *("A", "moscow", "PM25_EXPOSURE", "owid_grapher", "2020", "1e-07", "UG_M3", "A", "city"),
            *("", "1", "2026-01-01T12:00:00.25+00:00"),
        ),
    ]


@pytest.mark.parametrize(
    ("where", "found"),
    [
        (("ref_area=RUS",), ["PM25_EXPOSURE", "URB_SHARE"]),
        (("ref_area=RUS", "indicator=URB_SHARE"), ["URB_SHARE"]),
        (("source=owid_grapher",), ["PM25_EXPOSURE"]),
        (("source=x' or 'x'='x",), []),
        (("version=2",), ["URB_SHARE"]),
        (("obs_value=1.25e1",), ["PM25_EXPOSURE"]),
        (("known_from=2026-01-01T12:00:00.25",), ["PM25_EXPOSURE"]),
        (("known_from=2026-01-01T15:00:00.25+03:00",), ["PM25_EXPOSURE"]),
    ],
)
def test_exports_only_rows_that_match_all_conditions(
    specimens: Engine, where: tuple[str, ...], found: list[str]
) -> None:
    for format_, column in (("sdmx-csv", "INDICATOR"), ("csv", "indicator")):
        body = exported(specimens, "observations", format_, *where).getvalue().decode()
        assert [row[column] for row in csv.DictReader(io.StringIO(body))] == found


def test_exports_several_tables_as_one_zip(specimens: Engine) -> None:
    rows = {"rating": 2, "rating_pillar": 6, "rating_indicator": 1}
    with zipfile.ZipFile(exported(specimens, "ratings", "csv", "time_period=2022")) as bundle:
        assert bundle.namelist() == [f"{name}.csv" for name in rows]
        assert {n: bundle.read(f"{n}.csv").count(b"\n") - 1 for n in rows} == rows
    with zipfile.ZipFile(exported(specimens, "ratings", "parquet", "time_period=2022")) as bundle:
        read = {n: pq.read_table(io.BytesIO(bundle.read(f"{n}.parquet"))).num_rows for n in rows}
        assert read == rows
