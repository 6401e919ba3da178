"""`receive_submissions` in a real Airflow: submitted forms, their answers, and what is loaded."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import openpyxl  # noqa: TID253
import pytest
from sqlalchemy import Engine

from city_indicators.catalog import load_catalogue
from city_indicators.ingest import load as ingest
from city_indicators.ingest.validation.rules import load_rules
from city_indicators.intake.submissions.form import write
from city_indicators.orchestration import inbox
from city_indicators.sources.connectors import CONNECTORS
from tests.dag_bag import dag_bag
from tests.dags.conftest import Outcome
from tests.queries import rows

COMMON = "statistics office,2024-03-31,https://city.example/report.pdf,"
HEADER = "city,indicator,period,value,unit,contact_role,submitted_on,evidence_url,note"
# Six good rows and two bad ones.
FORM = [
    "moscow,HEAT_USE,2023,86500,thousand Gcal",
    "moscow,ELEC_USE,2023,60.1,TWh",
    "moscow,T_MEAN_YEAR,2023,7.1,°C",
    "moscow,POP_CITY,2023,13000000,persons",
    "moscow,ELEC_GAS_SHARE,2023,90,%",
    "moscow,ELEC_RES_SHARE,2023,2,%",
    "moscow,WASTE_RECYCLED,2023,12,%",
    "Mosow,METRO_KM,2023,466,km",
]


def csv_form(*rows: str) -> str:
    return "\n".join([HEADER, *(f"{row},{COMMON}" for row in rows), ""])


@pytest.fixture
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The folder to which cities submit forms."""
    monkeypatch.setenv("CITY_INDICATORS_INBOX", (tmp_path / "inbox").as_uri())
    made = tmp_path / "inbox" / "submissions"
    made.mkdir(parents=True)
    return made


OBSERVATIONS = (
    "select ref_area, indicator, obs_value, version from core.observation order by ref_area, indicator"
)
LOADS = """
select state, partial, read_rows, accepted_rows, rejected_rows, added, revised, withdrawn, unchanged
from ops.load order by load_id
"""


def test_loads_a_form_and_its_replacement(
    receive_forms: Callable[[], str], folder: Path, warehouse: Engine, tmp_path: Path
) -> None:
    form = folder / "moscow 2023.csv"
    form.write_text(csv_form(*FORM), encoding="utf-8")
    assert receive_forms() == "success"
    # 86 500 thousand Gcal of 1.163 MWh.
    first = [
        ("moscow", "ELEC_GAS_SHARE", 90.0, 1),
        ("moscow", "ELEC_RES_SHARE", 2.0, 1),
        ("moscow", "ELEC_USE", 60100.0, 1),
        ("moscow", "HEAT_USE", 100599.5, 1),
        ("moscow", "T_MEAN_YEAR", 7.1, 1),
        ("moscow", "WASTE_RECYCLED", 12.0, 1),
    ]
    assert rows(warehouse, OBSERVATIONS) == first
    assert rows(warehouse, LOADS) == [("published", True, 8, 6, 2, 6, 0, 0, 0)]
    answer = (folder / "moscow 2023.csv.report.txt").read_text(encoding="utf-8")
    for expected in (
        "6 of 8 rows accepted, 2 rejected",
        "line 2: moscow HEAT_USE 2023: 86500 thousand Gcal = 100599.5 GWH",
        "line 5: POP_CITY 2023 '13000000'",
        "population_is_exact: 13000000 people is rounded to thousands",
        "line 9: METRO_KM",
        "city_is_known: 'Mosow' is not a city of the catalogue",
        "Принято строк: 6 из 8",
        "接受6行",
    ):
        assert expected in answer
    refused = rows(warehouse, "select rule from quality.rejected_row order by 1")
    assert refused == [("city_is_known",), ("population_is_exact",)]
    ((url, sha256),) = rows(warehouse, "select url, sha256 from archive.fetch_event")
    assert url == str(inbox.inbox("submissions") / "moscow 2023.csv")
    assert answer.splitlines()[-1].endswith(str(sha256))
    archived = tmp_path / "archive" / "sha256" / str(sha256)[:2] / str(sha256)
    assert archived.read_bytes() == form.read_bytes()

    replaced = csv_form("moscow,ELEC_USE,2023,59.9,TWh", "Москва,POP_CITY,2023,13104177,человек")
    form.write_text(replaced, encoding="utf-8")
    assert receive_forms() == "success"
    assert rows(warehouse, LOADS)[1] == ("published", True, 2, 2, 0, 1, 1, 0, 0)
    # What the new form does not name stays.
    second = {observation[1]: observation[2:] for observation in rows(warehouse, OBSERVATIONS)}
    assert second == {
        **{observation[1]: observation[2:] for observation in first},
        "ELEC_USE": (59900.0, 2),
        "POP_CITY": (13104177.0, 1),
    }
    assert "2 of 2 rows accepted" in (folder / "moscow 2023.csv.report.txt").read_text(encoding="utf-8")


def test_every_file_of_a_run_gets_an_answer(
    receive_forms: Callable[[], str], folder: Path, warehouse: Engine
) -> None:
    book = folder / "beijing.xlsx"
    write(book, load_catalogue(), "beijing", "2023")
    fill_in(book, {"ELEC_USE": 135000.5, "METRO_KM": "=800+36"})
    (folder / "moscow.csv").write_text(csv_form("moscow,ELEC_USE,2023,60.1,TWh"), encoding="utf-8")
    (folder / "scan.pdf").write_bytes(b"%PDF-1.7")
    (folder / "broken.xlsx").write_bytes(b"PK\x03\x04 no workbook")
    assert receive_forms() == "success"
    assert rows(warehouse, OBSERVATIONS) == [
        ("beijing", "ELEC_USE", 135000.5, 1),
        ("moscow", "ELEC_USE", 60100.0, 1),
    ]
    answers = {file.name: file.read_text(encoding="utf-8") for file in folder.glob("*.report.txt")}
    assert len(answers) == 4
    assert "1 of 2 rows accepted, 1 rejected" in answers["beijing.xlsx.report.txt"]
    assert "Rows without a value: 29" in answers["beijing.xlsx.report.txt"]
    assert "holds the formula =800+36" in answers["beijing.xlsx.report.txt"]
    assert "1 of 1 rows accepted" in answers["moscow.csv.report.txt"]
    assert "The file was not read" in answers["scan.pdf.report.txt"]
    assert "send the form as .csv or .xlsx" in answers["scan.pdf.report.txt"]
    assert "The file was not read" in answers["broken.xlsx.report.txt"]
    assert "the workbook cannot be read" in answers["broken.xlsx.report.txt"]
    # All are answered: no file waits.
    watch = inbox.Watch(inbox.inbox("submissions"))
    assert (watch.ready(), watch.ready()) == ([], [])


@pytest.mark.usefixtures("enforce_permissions")
def test_an_unreadable_form_gets_an_answer_and_is_loaded_once_readable(
    receive_forms: Callable[[], str], folder: Path, warehouse: Engine
) -> None:
    form = folder / "moscow.csv"
    form.write_text(csv_form("moscow,ELEC_USE,2023,60.1,TWh"), encoding="utf-8")
    form.chmod(0o600)
    assert receive_forms() == "success"
    answer = (folder / "moscow.csv.report.txt").read_text(encoding="utf-8")
    assert "The file was not read" in answer
    assert "no permission to read it; allow everybody to read it (`chmod a+r`), or send it again" in answer
    watch = inbox.Watch(inbox.inbox("submissions"))
    assert (watch.ready(), watch.ready()) == ([], [])
    form.chmod(0o644)
    assert (watch.ready(), len(watch.ready())) == ([], 1)
    assert receive_forms() == "success"
    assert rows(warehouse, OBSERVATIONS) == [("moscow", "ELEC_USE", 60100.0, 1)]
    assert "1 of 1 rows accepted" in (folder / "moscow.csv.report.txt").read_text(encoding="utf-8")


def test_a_refused_form_is_answered_with_the_reason(
    receive_forms: Callable[[], str], folder: Path, warehouse: Engine
) -> None:
    good = [f"moscow,WASTE_RECYCLED,{year},12,%" for year in range(1995, 2022)]
    bad = [f"moscow,WASTE_RECYCLED,{year},a lot,%" for year in range(1990, 1995)]
    (folder / "long.csv").write_text(csv_form(*good, *bad), encoding="utf-8")
    assert receive_forms() == "success"
    assert rows(warehouse, OBSERVATIONS) == []
    assert rows(warehouse, "select state, accepted_rows, rejected_rows from ops.load") == [("refused", 27, 5)]
    answer = (folder / "long.csv.report.txt").read_text(encoding="utf-8")
    assert "NOT LOADED" in answer
    assert "5 of 32 rows were rejected, more than a tenth" in answer
    assert "value_is_number: 'a lot' is not a number" in answer


def fill_in(book: Path, values: dict[str, object]) -> None:
    workbook = openpyxl.load_workbook(book)
    sheet = workbook["form"]
    for row in sheet.iter_rows(min_row=2):
        if row[1].value in values:
            row[3].value = values[row[1].value]
            cells = ("statistics office", "2024-03-31", "https://city.example/report.pdf")
            for cell, value in zip(row[5:8], cells, strict=True):
                cell.value = value
    workbook.save(book)


def test_every_task_can_read_a_form_in_its_own_process(
    receive_forms: Callable[[], str],
    run_dag: Callable[..., Outcome],
    folder: Path,
    warehouse: Engine,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    report: Any = dag_bag().dags["replay_rejected"].get_task("report")
    own = report.python_callable

    def forgetting(comparisons: Any, params: dict[str, Any]) -> object:
        monkeypatch.delitem(CONNECTORS, "submission")
        return own(comparisons, params)

    monkeypatch.setattr(report, "python_callable", forgetting)
    (folder / "form.csv").write_text(
        csv_form("moscow,ELEC_USE,2023,60.1,TWh", "moscow,T_MEAN_YEAR,2023,71,°C"), encoding="utf-8"
    )
    monkeypatch.delitem(CONNECTORS, "submission", raising=False)
    assert receive_forms() == "success"
    monkeypatch.delitem(CONNECTORS, "submission")
    rules = load_rules()
    remaining = [rule for rule in rules.row_rules if rule.id != "plausible_range"]
    monkeypatch.setattr(ingest, "load_rules", lambda: rules.model_copy(update={"row_rules": remaining}))
    form = {"source": "city_submission", "rule": "plausible_range", "since": None, "dry_run": False}
    replayed = run_dag("replay_rejected", datetime(2026, 1, 3, tzinfo=UTC), **form)
    assert (replayed.state, replayed.errors) == ("success", [])
    assert [row[2:5] for row in rows(warehouse, LOADS)] == [(2, 1, 1), (2, 2, 0)]
