"""Which tables can be exported, and the errors for all others."""

import csv
import io
import json
import re
from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import URL, Engine
from sqlalchemy.exc import DBAPIError

from city_indicators.__main__ import main
from city_indicators.core.errors import ExportError, UnknownExportError
from city_indicators.core.languages import languages
from city_indicators.delivery.exports.fields import shown
from city_indicators.delivery.exports.formats import file_name
from city_indicators.delivery.exports.tables import choose, reading, report_tables
from city_indicators.delivery.exports.texts import heading, labels
from tests.warehouse.exported import exported, opened


@pytest.mark.parametrize(
    ("name", "where", "error", "message"),
    [
        ("nowhere", (), UnknownExportError, "has no report.nowhere. Next step: name one of ratings, edition"),
        ('rating"; drop table report.rating; --', (), UnknownExportError, 'has no report.rating"'),
        ("ops.load", (), UnknownExportError, "has no report.ops.load"),
        ("core.observation", (), UnknownExportError, "has no report.core.observation"),
        ("rating", ("nope=1",), ExportError, "no column 'nope'. Next step: use one of rating, time_period"),
        ("rating", ("rating",), ExportError, "'rating' is no condition. Next step: write it as column=value"),
        ("rating", ("rating=a\0b",), ExportError, "is no condition"),
        ("ratings", ("score=1",), ExportError, "report.rating_indicator has no column 'score'"),
        (
            *("rating", ("rank=abc",), ExportError),
            "column rank of report.rating holds an integer, and 'abc' is none. Next step: write it as rank=3",
        ),
        ("rating", ("rank=1.5",), ExportError, "holds an integer, and '1.5' is none"),
        ("rating", (f"rank={2**63}",), ExportError, "holds an integer, and '9223372036854775808' is none"),
        ("rating", ("score=high",), ExportError, "column score of report.rating holds a number, and 'high'"),
        ("rating", ("score=nan",), ExportError, "holds a number, and 'nan' is none"),
        ("rating", ("score=",), ExportError, "holds a number, and '' is none"),
        ("specimen", ("flag=yes",), ExportError, "holds true or false, and 'yes' is none"),
        (
            "specimen",
            ("day=29.02.2024",),
            ExportError,
            "holds a day, and '29.02.2024' is none. Next step: wri",
        ),
        ("specimen", ("known_from=noon",), ExportError, "holds a time in UTC, and 'noon' is none"),
        ("rating", ("time_period=2022", "rank=x"), ExportError, "column rank of report.rating holds"),
    ],
)
def test_refuses_other_tables_and_columns_with_the_next_step(
    specimens: Engine, name: str, where: tuple[str, ...], error: type[ExportError], message: str
) -> None:
    with reading(specimens) as connection, pytest.raises(error) as refusal:
        choose(connection, name, where)
    assert message in str(refusal.value)


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        ("id=1", [1]),
        ("amount=12655050", [8]),
        ("amount=-0.5", [6]),
        ("exact=1234567890.12", [1]),
        ("flag=true", [1]),
        ("day=1812-09-14", [2]),
        ("known_from=2024-02-29T12:04:05.678900", [1]),
        ("tags={城市}", [5]),
        ("words=", [7]),
        ("source=nobody", []),
    ],
)
def test_compares_with_the_type_of_the_column(specimens: Engine, condition: str, found: list[int]) -> None:
    body = exported(specimens, "specimen", "csv", condition).getvalue().decode()
    assert [int(row["id"]) for row in csv.DictReader(io.StringIO(body, newline=""))] == found


def test_sdmx_csv_is_for_observations(specimens: Engine) -> None:
    with pytest.raises(ExportError, match="SDMX-CSV is for observations"):
        exported(specimens, "rating", "sdmx-csv")


def test_an_export_only_reads(specimens: Engine) -> None:
    with reading(specimens) as connection, pytest.raises(DBAPIError, match="read-only transaction"):
        connection.exec_driver_sql("delete from report.rating")


def test_a_researcher_exports_csv_but_not_workbooks(
    specimens_url: URL, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    address = specimens_url.set(username="researcher").render_as_string(hide_password=False)
    arguments = ["export", "observations", "--warehouse", address, "--out", str(tmp_path / "out")]
    assert main([*arguments, "--format", "sdmx-csv"]) == 0
    assert main([*arguments, "--format", "xlsx"]) == 2
    assert re.search(r"permission denied .*Next step: see that it runs", capsys.readouterr().err)


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("city_profile", "alter table report.city_profile add column note text"),
        ("observations", "alter view core.observation rename column obs_value to note"),
        ("fresh", "create table report.fresh (note text)"),
    ],
)
def test_sees_a_schema_change_at_once(warehouse: Engine, name: str, change: str) -> None:
    with reading(warehouse) as connection:
        choose(connection, "rating", ())
    with warehouse.begin() as connection:
        connection.exec_driver_sql(change)
    with reading(warehouse) as connection:
        (part,) = choose(connection, name, ()).parts
    assert "note" in part.table.columns


def test_sees_a_dropped_table_at_once(warehouse: Engine) -> None:
    with reading(warehouse) as connection:
        choose(connection, "rating_source", ())
    with warehouse.begin() as connection:
        connection.exec_driver_sql("drop view report.rating_source")
    refusal = pytest.raises(UnknownExportError, match=r"the warehouse has no report\.rating_source")
    with reading(warehouse) as connection, refusal:
        choose(connection, "rating_source", ())


def test_the_name_of_a_file_is_safe(specimens: Engine) -> None:
    where = ["rating=../../etc\r\nX: 1", 'time_period="中文"', "status=" + "x" * 500]
    with reading(specimens) as connection:
        name = file_name(choose(connection, "report.rating", where), "xlsx")
    assert name.startswith("city-indicators_rating_..-..-etc-X-1_-_xxx")
    assert name.endswith("x.xlsx")
    assert len(name) == 125


def test_every_column_of_the_observations_has_a_label(specimens: Engine) -> None:
    with reading(specimens) as connection:
        (observations,) = choose(connection, "observations", ()).parts
    assert set(observations.table.columns.keys()) <= labels().keys(), (
        "add it to include/sql/reports/columns.yaml"
    )


@pytest.mark.parametrize("language", languages())
def test_column_headings_of_a_sheet_are_unique(specimens: Engine, language: str) -> None:
    with reading(specimens) as connection:
        (observations,) = choose(connection, "observations", ()).parts
        every = [*report_tables(connection).values(), observations.table]
    repeated = {
        (table.name, title)
        for table in every
        for title, times in Counter(
            heading(column.name, language) for column in shown(table, language)
        ).items()
        if times > 1
    }
    assert not repeated, "give them different labels in include/sql/reports"


def test_the_command_writes_only_complete_files(
    specimens_url: URL, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    address = specimens_url.set(drivername="postgresql").render_as_string(hide_password=False)
    out = tmp_path / "rating.csv"
    arguments = [
        "export",
        "rating",
        "--where",
        "time_period=2022",
        "--where",
        "ref_area=moscow",
        "--out",
        str(out),
    ]
    assert main([*arguments, "--warehouse", address]) == 0
    (row,) = csv.DictReader(out.open(encoding="utf-8", newline=""))
    assert (row["city_name_zh"], row["score"], row["rank"]) == ("莫斯科", "64.25", "1")
    monkeypatch.setenv("CITY_INDICATORS_WAREHOUSE", address)
    assert main(["export", "rating", "--where", "nope=1", "--out", str(out)]) == 2
    assert "no column 'nope'" in capsys.readouterr().err
    assert main(["export", "rating", "--where", "rank=abc", "--out", str(out)]) == 2
    assert "column rank of report.rating holds an integer, and 'abc' is none" in capsys.readouterr().err
    assert [file.name for file in tmp_path.iterdir()] == ["rating.csv"]
    assert out.read_text(encoding="utf-8").count("\n") == 2
    assert main(["export", "rating", "--format", "xlsx", "--language", "zh", "--out", str(out)]) == 0
    assert opened(out.open("rb"))["rating"]["E1"].value == "城市"


def test_the_command_names_the_options_for_the_warehouse(
    specimens_url: URL, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["export", "rating", "--out", str(tmp_path / "rating.csv")]
    monkeypatch.delenv("AIRFLOW_CONN_WAREHOUSE")
    assert main(arguments) == 2
    assert "Next step: use `make shell`, or set --warehouse" in capsys.readouterr().err
    # What `make shell` sets.
    connection = {
        "conn_type": "postgres",
        "host": specimens_url.query["host"],
        "login": "etl",
        "schema": specimens_url.database,
    }
    monkeypatch.setenv("AIRFLOW_CONN_WAREHOUSE", json.dumps(connection))
    assert main(arguments) == 0
    assert main([*arguments, "--warehouse", "postgresql://127.0.0.1:1/nothing"]) == 2
    assert "Next step: see that it runs" in capsys.readouterr().err
