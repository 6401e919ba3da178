"""The retry policy: which errors are retried, and when."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from airflow.sdk import RetryAction

from city_indicators.core.errors import (
    ApiRefusedError,
    ApiUnavailableError,
    ArchiveError,
    BackfillError,
    CatalogueError,
    CityIndicatorsError,
    CorrectionExpiredError,
    EditionError,
    GroupsError,
    InboxError,
    LoadError,
    LockHeldError,
    NotSentError,
    OverrideError,
    PermanentError,
    SourceBusyError,
    SourceContractError,
    SourceUnavailableError,
    TransientError,
    TrendError,
)
from city_indicators.intake.best_practices.template import TemplateError
from city_indicators.orchestration.retries import RETRY_TRANSIENT
from standalone.errors import BackupError

PERMANENT = [
    ApiRefusedError("403", "look"),
    ArchiveError("the snapshot is absent"),
    BackfillError("un_wup", "another is running", "wait"),
    CatalogueError("un_wup.yaml", "id", "is missing"),
    CorrectionExpiredError("un_wup.yaml", "moscow", "POP", 1, 2),
    EditionError("climate_first", "2022", "ranks no city", "choose another year"),
    GroupsError("no groups"),
    LoadError("load 1 is not in the ledger"),
    OverrideError("no reason"),
    SourceContractError("un_wup", "https://un.example", "no column", "look"),
    TrendError("two observations", "pass one"),
]
TRANSIENT = [
    ApiUnavailableError("no answer", "look"),
    InboxError("/inbox", "no answer"),
    LockHeldError(["session 1"], 1),
    NotSentError("a task failed"),
    SourceUnavailableError("un_wup", "https://un.example", "no answer", "wait"),
]


def name(error: Exception) -> str:
    return type(error).__name__


def subclasses(error: type[Exception]) -> Iterator[type[Exception]]:
    for each in error.__subclasses__():
        yield each
        yield from subclasses(each)


@pytest.mark.parametrize("error", PERMANENT, ids=name)
def test_a_permanent_error_fails_at_once(error: Exception) -> None:
    assert RETRY_TRANSIENT.evaluate(error, 1, 3).action is RetryAction.FAIL


@pytest.mark.parametrize("error", TRANSIENT, ids=name)
def test_a_transient_error_is_retried_after_the_delay_of_the_task(error: Exception) -> None:
    decision = RETRY_TRANSIENT.evaluate(error, 1, 3)
    assert (decision.action, decision.retry_delay) == (RetryAction.RETRY, None)


def test_a_busy_source_sets_the_delay() -> None:
    decision = RETRY_TRANSIENT.evaluate(SourceBusyError("openaq", "https://o.example", "429", 90), 1, 3)
    assert (decision.action, decision.retry_delay) == (RetryAction.RETRY, timedelta(seconds=90))


def test_an_unknown_error_is_left_to_the_task() -> None:
    assert RETRY_TRANSIENT.evaluate(OSError("no space left"), 1, 3).action is RetryAction.DEFAULT


def test_the_policy_is_serialized_with_its_two_error_classes() -> None:
    rules = RETRY_TRANSIENT.serialize()["rules"]
    assert [(rule["exception"], rule["action"]) for rule in rules] == [
        ("city_indicators.core.errors.PermanentError", "fail"),
        ("city_indicators.core.errors.TransientError", "retry"),
    ]


def test_every_error_is_either_transient_or_permanent() -> None:
    assert {TemplateError, BackupError} <= set(subclasses(PermanentError))
    undecided = [
        error
        for error in subclasses(CityIndicatorsError)
        if not error.__subclasses__()
        and issubclass(error, TransientError) == issubclass(error, PermanentError)
    ]
    assert undecided == []
