"""What a failed task does next."""

import pytest
from airflow.sdk import RetryAction

from city_indicators.core.errors import BackfillError, EditionError, GroupsError, SourceContractError
from city_indicators.orchestration.retries import RETRY_WHAT_MAY_PASS

NEVER = [
    SourceContractError("un_wup", "https://un.example", "no column", "look"),
    BackfillError("un_wup", "another goes on", "wait"),
    EditionError("climate_first", "2022", "ranks no city", "choose another year"),
    GroupsError("no groups"),
]


@pytest.mark.parametrize("error", NEVER, ids=lambda error: type(error).__name__)
def test_what_asking_again_will_not_mend_fails_at_once(error: Exception) -> None:
    assert RETRY_WHAT_MAY_PASS.evaluate(error, 1, 3).action is RetryAction.FAIL


def test_what_may_pass_is_left_to_the_task() -> None:
    assert RETRY_WHAT_MAY_PASS.evaluate(OSError("no space left"), 1, 3).action is RetryAction.DEFAULT
