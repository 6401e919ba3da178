"""`receive_best_practices` in a real Airflow: submitted files, their answers, and what is loaded."""

import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Engine

from city_indicators.intake.best_practices.models import COLUMNS
from city_indicators.intake.best_practices.template import write
from city_indicators.sources.forms import MAX_BYTES
from demo.paths import SAMPLE
from tests.dag_bag import dag_bag
from tests.queries import rows

Receive = Callable[[], str]


@pytest.fixture
def inbox(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CITY_INDICATORS_INBOX", (tmp_path / "inbox").as_uri())
    folder = tmp_path / "inbox" / "best_practices"
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def receive(metadata: None, surroundings: None, inbox: Path, monkeypatch: pytest.MonkeyPatch) -> Receive:
    dag = dag_bag().dags["receive_best_practices"]
    monkeypatch.setattr(dag.get_task("wait"), "poll_seconds", 0.05)
    for task in dag.tasks:
        monkeypatch.setattr(task, "retries", 0)
    return lambda: str(dag.test().state)


LOADS = """
select read_rows, accepted_rows, rejected_rows, added, revised, unchanged from ops.best_practice_load
order by 1, 4
"""


def test_loads_the_sample_and_a_replaced_file(
    receive: Receive, inbox: Path, warehouse: Engine, tmp_path: Path
) -> None:
    file = inbox / "award.csv"
    shutil.copy(SAMPLE / "best_practices.csv", file)
    assert receive() == "success"
    answer = (inbox / "award.csv.report.txt").read_text(encoding="utf-8")
    sha256 = hashlib.sha256(file.read_bytes()).hexdigest()
    assert "52 of 52 rows accepted, 0 rejected." in answer
    assert "New cases: 52; changed: 0; as before: 0." in answer
    assert answer.endswith(f"{sha256}\n")
    assert (tmp_path / "archive" / "sha256" / sha256[:2] / sha256).read_bytes() == file.read_bytes()

    replaced = file.read_text(encoding="utf-8").replace("Climate Resilient Neighbourhood", "A Green Street")
    file.write_text(replaced + "no id,Oslo,NOR" + "," * (len(COLUMNS) - 3) + "\n", encoding="utf-8")
    assert receive() == "success"
    answer = (inbox / "award.csv.report.txt").read_text(encoding="utf-8")
    assert "52 of 53 rows accepted, 1 rejected." in answer
    assert "New cases: 0; changed: 1; as before: 51." in answer
    assert "row 54 (no id): slug: case_id: 'no id' is not made of" in answer
    assert rows(warehouse, LOADS) == [(52, 52, 0, 52, 0, 0), (53, 52, 1, 0, 1, 51)]
    assert rows(warehouse, "select case_id from core.best_practice_current where version = 2") == [
        ("guangzhou-award-2016-copenhagen",)
    ]


def test_loads_a_template_and_reports_unreadable_files(
    receive: Receive, inbox: Path, warehouse: Engine, tmp_path: Path
) -> None:
    import openpyxl

    # Written outside the inbox: a submitted file must be complete.
    write(tmp_path / "form.xlsx")
    book = openpyxl.load_workbook(tmp_path / "form.xlsx")
    cells = {
        "case_id": "kazan-trams",
        "city": "Казань",
        "country": "RUS",
        "name_en": "Quiet trams",
        "start_year": 2020,
        "links": "https://example.org/trams",
    }
    book["best_practices"].append([cells.get(column) for column in COLUMNS])
    book.save(inbox / "form.xlsx")
    (inbox / "letter.docx").write_bytes(b"Dear colleagues")
    (inbox / "huge.csv").write_bytes(bytes(MAX_BYTES + 1))
    assert receive() == "success"
    assert "1 of 1 rows accepted, 0 rejected" in (inbox / "form.xlsx.report.txt").read_text(encoding="utf-8")
    answer = (inbox / "letter.docx.report.txt").read_text(encoding="utf-8")
    assert "The file was not read; nothing was loaded." in answer
    assert "a .docx file; send the form as .csv or .xlsx" in answer
    answer = (inbox / "huge.csv.report.txt").read_text(encoding="utf-8")
    assert "The file was not read; nothing was loaded." in answer
    assert "10485761 bytes; a form has at most 10485760" in answer
    # Neither was archived.
    archived = [file.name for file in (tmp_path / "archive" / "sha256").glob("*/*")]
    assert archived == [hashlib.sha256((inbox / "form.xlsx").read_bytes()).hexdigest()]
    current = "select case_id, ref_area, start_year from core.best_practice_current"
    assert rows(warehouse, current) == [("kazan-trams", "kazan", 2020)]


@pytest.mark.usefixtures("enforce_permissions")
def test_a_file_without_read_permission_gets_an_answer(
    receive: Receive, inbox: Path, warehouse: Engine
) -> None:
    (inbox / "award.csv").write_bytes((SAMPLE / "best_practices.csv").read_bytes())
    (inbox / "award.csv").chmod(0o600)
    assert receive() == "success"
    answer = (inbox / "award.csv.report.txt").read_text(encoding="utf-8")
    assert "The file was not read; nothing was loaded." in answer
    assert "no permission to read it" in answer
    assert rows(warehouse, "select count(*) from ops.best_practice_load") == [(0,)]
