"""Decisions on refused loads: the text that a steward sees, and the effect of the answer."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.sdk import Asset

from city_indicators.core.errors import GateRefusedError, OverrideError
from city_indicators.orchestration import gate
from city_indicators.orchestration.gate import (
    ACCEPT,
    REFUSE,
    PublishOperator,
    decide,
    decision_text,
    stewards,
)
from city_indicators.orchestration.notify import Load
from city_indicators.warehouse.publish import Override

CHANGES = ("added", "revised", "withdrawn", "unchanged", "outdated")
AT = datetime(2026, 1, 2, tzinfo=UTC)
LOAD = Load(
    7,
    "un_wup",
    "2019-01-01 to 2020-01-01",
    ("10 are gone", "more"),
    ("fewer places",),
    50,
    48,
    2,
    4,
    9,
    (("no_repeat", 2),),
    ("**a**",),
)


def answer(option: str, reason: str = "checked", load: int = 7, user: str | None = "anna") -> dict[str, Any]:
    return {
        "chosen_options": [option],
        "params_input": {"reason": reason, "load": load},
        "responded_at": AT,
        "responded_by_user": {"id": user, "name": user} if user else None,
    }


def test_an_acceptance_records_who_why_and_when() -> None:
    assert decide(LOAD, answer(ACCEPT, " checked ")) == Override("anna", "checked", AT)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (answer(REFUSE), "anna refused it: checked"),
        (answer(REFUSE, reason=""), "anna refused it: no reason given"),
        (answer(REFUSE, reason="", user=None), "Nobody answered in time"),
        # A timeout never accepts a load.
        (answer(ACCEPT, user=None), "Nobody answered in time"),
    ],
)
def test_a_refusal_or_timeout_names_the_reasons_of_the_gate(given: dict[str, Any], expected: str) -> None:
    with pytest.raises(GateRefusedError) as refused:
        decide(LOAD, given)
    for part in (
        "source un_wup",
        "load 7",
        "10 are gone; more",
        expected,
        "Nothing was published",
        "Next step",
    ):
        assert part in str(refused.value)


def test_an_answer_for_an_earlier_load_does_not_count() -> None:
    with pytest.raises(OverrideError, match=r"answered for load 6.*Next step"):
        decide(LOAD, answer(ACCEPT, load=6))


def test_the_text_shows_counts_reasons_and_rows() -> None:
    lines = decision_text(LOAD, "https://airflow.example/docs/").splitlines()
    assert lines[0] == "The gate refused load 7 of `un_wup`, 2019-01-01 to 2020-01-01:"
    assert "- 10 are gone" in lines
    assert any(line.startswith("50 rows read, 48 accepted, 2 rejected. ") for line in lines)
    assert "    no_repeat rejected 2" in lines
    assert "    **a**" in lines


def test_stewards_are_the_users_of_the_variable() -> None:
    assert stewards("") == []
    assert stewards(" anna, boris ,") == [{"id": "anna", "name": "anna"}, {"id": "boris", "name": "boris"}]


def test_warnings_of_a_published_load_are_logged_and_noted(monkeypatch: pytest.MonkeyPatch) -> None:
    noted: list[str] = []
    logged: list[str] = []
    log = SimpleNamespace(warning=lambda text, *values: logged.append(text % values))
    monkeypatch.setattr(gate, "publish", lambda *_: dict(zip(CHANGES, (1, 0, 0, 47, 0), strict=True)))
    monkeypatch.setattr(gate.notify, "load_of", lambda _: LOAD)
    monkeypatch.setattr(gate, "note_run", noted.append)
    monkeypatch.setattr(PublishOperator, "log", log)
    published = Asset("x://observations")
    operator = PublishOperator(task_id="publish", source_id="un_wup", load_id=7, outlets=[published])
    event = SimpleNamespace(extra={})
    operator._publish({"outlet_events": {published: event}})  # type: ignore[typeddict-item]
    assert event.extra == {"added": 1, "revised": 0, "withdrawn": 0, "unchanged": 47, "outdated": 0}
    assert logged == ["Published with warnings: fewer places"]
    assert noted == [
        "Published load 7: 50 rows read, 48 accepted, 2 rejected; "
        "1 added, 0 revised, 0 withdrawn, 47 unchanged, 0 outdated. Warnings: fewer places"
    ]
