"""The first task on a submitted file: archive it, report a fault, or skip it."""

import hashlib
import os
from pathlib import Path
from types import ModuleType

import pytest
from airflow.sdk.exceptions import AirflowSkipException

from city_indicators.core.snapshots import Snapshot
from city_indicators.orchestration import best_practice_tasks, receive, submission_tasks, task_log
from city_indicators.sources.forms import MAX_BYTES

TOO_LARGE = "10485761 bytes; a form has at most 10485760"
NINE = hashlib.sha256(bytes(9)).hexdigest()


@pytest.fixture
def archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CITY_INDICATORS_ARCHIVE", (tmp_path / "archive").as_uri())
    return tmp_path / "archive"


@pytest.fixture(autouse=True)
def context(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The context of the task."""
    context: dict[str, str] = {}
    monkeypatch.setattr(task_log, "get_current_context", lambda: context)
    return context


def of_size(file: Path, size: int) -> Path:
    file.touch()
    os.truncate(file, size)
    return file


def test_archives_a_file_of_the_maximum_size(archive: Path, tmp_path: Path, context: dict[str, str]) -> None:
    file = of_size(tmp_path / "form.CSV", MAX_BYTES)
    received = receive.archive.function("city_submission", file.as_uri())
    sha256 = hashlib.sha256(bytes(MAX_BYTES)).hexdigest()
    snapshot = Snapshot.from_json(received["snapshot"])
    assert (received["path"], received["sha256"]) == (file.as_uri(), sha256)
    assert (snapshot.url, snapshot.sha256, snapshot.media_type) == (file.as_uri(), sha256, "text/csv")
    assert (archive / "sha256" / sha256[:2] / sha256).stat().st_size == MAX_BYTES
    assert "fault" not in received
    # The grid shows the name of the file.
    assert receive.archive.kwargs["map_index_template"] == "{{ unit_of_work }}"
    assert context == {"unit_of_work": "form.CSV"}


@pytest.mark.parametrize("tasks", [best_practice_tasks, submission_tasks])
@pytest.mark.parametrize(
    ("name", "size", "fault", "mark"),
    [
        ("form.csv", MAX_BYTES + 1, TOO_LARGE, f"unknown: a file of {MAX_BYTES + 1} bytes is not read"),
        ("form.xlsx", MAX_BYTES + 1, TOO_LARGE, f"unknown: a file of {MAX_BYTES + 1} bytes is not read"),
        ("letter.docx", 9, "a .docx file; send the form as .csv or .xlsx", NINE),
        ("letter", 9, "a nameless file; send the form as .csv or .xlsx", NINE),
    ],
)
def test_rejects_a_file_of_another_type_or_size(
    tasks: ModuleType, name: str, size: int, fault: str, mark: str, archive: Path, tmp_path: Path
) -> None:
    file = of_size(tmp_path / name, size)
    received = receive.archive.function("city_submission", file.as_uri())
    assert received["fault"] == fault
    assert "snapshot" not in received
    assert not archive.exists()
    # The answer names the file it belongs to.
    answer = Path(tasks.reply.function(received).removeprefix("file://"))
    text = answer.read_text(encoding="utf-8")
    assert answer.name == f"{name}.report.txt"
    assert "The file was not read" in text
    assert fault in text
    assert text.endswith(f" {mark}\n")


def test_skips_a_removed_file(archive: Path, tmp_path: Path) -> None:
    with pytest.raises(AirflowSkipException, match=r"form\.csv was removed"):
        receive.archive.function("city_submission", (tmp_path / "form.csv").as_uri())
    assert not archive.exists()
