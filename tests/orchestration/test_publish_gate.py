"""What a steward is asked, and what his answer does."""

from datetime import UTC, datetime
from typing import Any

import pytest

from city_indicators.core.errors import GateRefusedError, OverrideError
from city_indicators.orchestration.gate import ACCEPT, REFUSE, decide, question, stewards
from city_indicators.orchestration.notify import Load
from city_indicators.warehouse.publish import Override

AT = datetime(2026, 1, 2, tzinfo=UTC)
LOAD = Load(
    7,
    "un_wup",
    "2019-01-01 to 2020-01-01",
    ("10 are gone", "more"),
    50,
    48,
    2,
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


def test_an_acceptance_keeps_who_why_and_when() -> None:
    assert decide(LOAD, answer(ACCEPT, " checked ")) == Override("anna", "checked", AT)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (answer(REFUSE), "anna refused it: checked"),
        (answer(REFUSE, reason=""), "anna refused it: no reason given"),
        (answer(REFUSE, reason="", user=None), "Nobody answered in time"),
        # Time accepts nothing, whatever the default.
        (answer(ACCEPT, user=None), "Nobody answered in time"),
    ],
)
def test_a_refusal_or_silence_refuses_and_names_the_gates_reasons(given: dict[str, Any], told: str) -> None:
    with pytest.raises(GateRefusedError) as refused:
        decide(LOAD, given)
    for part in ("source un_wup", "load 7", "10 are gone; more", told, "Nothing was published", "Next step"):
        assert part in str(refused.value)


def test_an_answer_about_an_earlier_load_of_the_run_does_not_count() -> None:
    with pytest.raises(OverrideError, match=r"question about load 6.*Next step"):
        decide(LOAD, answer(ACCEPT, load=6))


def test_the_question_tells_counts_reasons_and_rows_as_text() -> None:
    asked = question(LOAD, "https://airflow.example/docs/").splitlines()
    assert asked[0] == "The gate refused load 7 of `un_wup`, 2019-01-01 to 2020-01-01:"
    assert "- 10 are gone" in asked
    assert any(line.startswith("50 rows read, 48 accepted, 2 rejected. ") for line in asked)
    assert "    no_repeat rejected 2" in asked
    assert "    **a**" in asked


def test_stewards_are_the_users_that_the_variable_names() -> None:
    assert stewards("") == []
    assert stewards(" anna, boris ,") == [{"id": "anna", "name": "anna"}, {"id": "boris", "name": "boris"}]
