"""The note of a run: set when the run is skipped, left alone if a person wrote it."""

from types import SimpleNamespace

import pytest
from airflow.sdk.exceptions import AirflowNotFoundException, AirflowSkipException

from city_indicators.core.errors import ApiError
from city_indicators.orchestration import notes

RUN = ("ingest_x", "run_1")


class FakeApi:
    """One run with its note."""

    def __init__(self, note: str | None) -> None:
        self.note = note

    def run_note(self, dag_id: str, run_id: str) -> str | None:
        assert (dag_id, run_id) == RUN
        return self.note

    def note_run(self, dag_id: str, run_id: str, text: str | None) -> None:
        assert (dag_id, run_id) == RUN
        self.note = text


@pytest.fixture
def noted(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> FakeApi:
    """The second try of a task, in a run with a note."""
    api = FakeApi(request.param)
    ti = SimpleNamespace(dag_id=RUN[0], run_id=RUN[1], try_number=2)
    monkeypatch.setattr(notes, "get_current_context", lambda: {"ti": ti})
    monkeypatch.setattr(notes, "airflow_api", lambda: api)
    return api


def skip(reason: str) -> None:
    with pytest.raises(AirflowSkipException), notes.note_skip():
        raise AirflowSkipException(reason)


@pytest.mark.parametrize("noted", [None, "", "Skipped: no key", "Backfill 3 of ingest_x"], indirect=True)
def test_the_reason_of_a_skip_replaces_our_own_notes(noted: FakeApi) -> None:
    skip("nothing has changed")
    assert noted.note == "Skipped: nothing has changed"


@pytest.mark.parametrize("noted", ["Skipped: nothing has changed"], indirect=True)
def test_a_cleared_run_that_skips_nothing_removes_its_note(noted: FakeApi) -> None:
    with notes.note_skip():
        pass
    assert noted.note is None


@pytest.mark.parametrize("noted", ["Anna: wrote to the publisher"], indirect=True)
def test_keeps_the_note_of_a_person(noted: FakeApi) -> None:
    skip("nothing has changed")
    with notes.note_skip():
        pass
    assert noted.note == "Anna: wrote to the publisher"


@pytest.mark.parametrize("noted", [None], indirect=True)
def test_a_long_reason_is_cut_to_the_limit_of_airflow(noted: FakeApi) -> None:
    skip("x" * 2000)
    assert len(noted.note or "") == 1000


@pytest.mark.parametrize("noted", [None], indirect=True)
@pytest.mark.parametrize("error", [AirflowNotFoundException("none"), ApiError("down", "wait")])
def test_a_run_is_skipped_even_if_its_note_cannot_be_written(
    noted: FakeApi, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def unreachable() -> None:
        raise error

    monkeypatch.setattr(notes, "airflow_api", unreachable)
    skip("nothing has changed")
    assert noted.note is None
