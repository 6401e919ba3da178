"""`publish_edition` in a real Airflow: proposed, then approved or rejected."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import Engine, text

from city_indicators.delivery.documents import keep
from city_indicators.delivery.web.pages import Proposal
from city_indicators.orchestration.scheduler import scheduler
from city_indicators.reports.refresh import refresh
from tests.dags.conftest import Outcome, answers
from tests.methods import LENIENT, RESEARCH

if TYPE_CHECKING:
    from airflow.models.taskinstance import TaskInstance
    from sqlalchemy.orm import Session

RunDag = Callable[..., Outcome]
END_OF_2019 = datetime(2020, 1, 1, tzinfo=UTC)
NOW = datetime(2026, 11, 1, tzinfo=UTC)
# The form offers the ratings of the catalogue.
METHOD = LENIENT.model_copy(update={"id": "climate_world"})
FORM = {"rating": METHOD.id, "year": 2019, "title": "Climate agenda, a trial"}


@pytest.fixture(autouse=True)
def made(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The documents that are made; none unless a test adds some, because each takes seconds."""
    names: list[str] = []
    monkeypatch.setattr(keep, "documents", lambda _: names)
    return names


@pytest.fixture
def rated(run_dag: RunDag, warehouse: Engine) -> RunDag:
    """A warehouse in which one source is enough to rank cities."""
    assert run_dag("ingest_owid_grapher", END_OF_2019).state == "success"
    assert refresh(warehouse, {METHOD.id: METHOD}, RESEARCH, NOW).rating_years > 0
    return run_dag


def editions(warehouse: Engine) -> list[tuple[object, ...]]:
    with warehouse.connect() as connection:
        found = connection.execute(
            text("select rating, edition, title, approved_by, n_ranked > 40 from report.edition")
        )
        return [tuple(row) for row in found]


def documents(warehouse: Engine) -> list[tuple[object, ...]]:
    with warehouse.connect() as connection:
        found = connection.execute(
            text(
                "select document, edition, language, document_format, sha256 from archive.document "
                "order by sha256"
            )
        )
        return [tuple(row) for row in found]


def approval_texts() -> list[str]:
    """The texts of the approval requests so far."""
    from airflow.models.hitl import HITLDetail
    from airflow.utils.session import create_session
    from sqlalchemy import select

    with create_session() as session:
        return [f"{each.subject}\n{each.body}" for each in session.scalars(select(HITLDetail))]


def test_an_edition_is_published_once_somebody_approves_it(
    rated: RunDag, warehouse: Engine, made: list[str]
) -> None:
    # That of climate_brics belongs to another rating.
    made += ["climate_brics", "moscow_guangzhou"]
    waiting: list[Proposal] = []

    def approves(ti: "TaskInstance", session: "Session") -> None:
        waiting.extend(scheduler().proposals)
        answers("Approve", "", user="anna")(ti, session)

    outcome = rated("publish_edition", END_OF_2019, approves, **FORM)
    assert (outcome.state, outcome.errors) == ("success", [])
    assert editions(warehouse) == [("climate_world", "2019.1", FORM["title"], "anna", True)]
    (proposal,) = waiting
    assert (proposal.rating, proposal.title, proposal.year) == (METHOD.id, FORM["title"], FORM["year"])
    assert scheduler().proposals == ()
    (shown,) = [each for each in approval_texts() if "Publish this edition?" in each]
    assert "| 1 | " in shown
    assert str(FORM["title"]) in shown
    drafts = {row[2]: row[4] for row in documents(warehouse) if row[1] == "2019.1-draft"}
    assert drafts.keys() == {"en", "ru", "zh"}
    for language, sha256 in drafts.items():
        file = f"moscow_guangzhou-2019.1-draft.{language}.pdf"
        assert f"- [{file}](city-indicators/documents/{sha256})" in shown
    with warehouse.connect() as connection:
        compared = connection.execute(
            text("select count(*), max(abs(score_today - score_as_published)) from report.edition_diff")
        ).one()
    assert tuple(compared) == (48, 0.0)
    kept = [row for row in documents(warehouse) if row[1] == "2019.1"]
    assert {row[:2] for row in kept} == {("moscow_guangzhou", "2019.1")}
    assert len(kept) == 3 * 3
    assert rated("build_documents", END_OF_2019, rating=METHOD.id, edition="2019.1").state == "success"
    # The same edition gives the same bytes, so that nothing is added.
    assert [row for row in documents(warehouse) if row[1] == "2019.1"] == kept


def test_without_a_year_the_latest_one_with_ranks_is_proposed(rated: RunDag, warehouse: Engine) -> None:
    form = {name: value for name, value in FORM.items() if name != "year"}
    assert (
        rated("publish_edition", END_OF_2019, answers("Approve", "", user="anna"), **form).state == "success"
    )
    assert [edition for _, edition, *_ in editions(warehouse)] == ["2019.1"]
    unrated = {**form, "rating": "city_economies"}
    assert "rating city_economies, any year: ranks no city" in str(
        rated("publish_edition", END_OF_2019, **unrated).error
    )


@pytest.mark.parametrize("steward", [answers("Reject", "", user="anna"), None], ids=["rejected", "no answer"])
def test_without_an_approval_nothing_is_published(
    rated: RunDag, warehouse: Engine, steward: Callable[..., None] | None
) -> None:
    given = () if steward is None else (steward,)
    assert rated("publish_edition", END_OF_2019, *given, **FORM).state == "success"
    assert editions(warehouse) == []


def test_a_year_without_ranks_fails_with_the_next_step(
    rated: RunDag, warehouse: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    assert rated("publish_edition", END_OF_2019, **{**FORM, "year": 1991}).state == "failed"
    assert editions(warehouse) == []
