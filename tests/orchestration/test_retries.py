"""The retry policy: which errors are retried, and when."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from airflow.sdk import RetryAction

from city_indicators.core.errors import (
    AlteredWarehouseError,
    ApiError,
    ApiRefusedError,
    ApiUnavailableError,
    ArchiveError,
    ArchiveVerificationError,
    BackfillError,
    CatalogueError,
    CityIndicatorsError,
    ClockError,
    CorrectionExpiredError,
    CursorError,
    DocumentError,
    EditionError,
    ExportError,
    ForeignViewError,
    FormatError,
    GateRefusedError,
    GroupsError,
    InboxError,
    LoadError,
    LockHeldError,
    MethodError,
    NewerWarehouseError,
    NotSentError,
    NoWarehouseError,
    OlderWarehouseError,
    OutdatedPlanError,
    OverrideError,
    ParameterError,
    PermanentError,
    RatingInputError,
    SiteError,
    SourceBusyError,
    SourceContractError,
    SourceError,
    SourceUnavailableError,
    StagedRowsError,
    StorageError,
    TooLongError,
    TooManyRowsError,
    TransientError,
    TrendError,
    UnknownExportError,
    UnusableFileError,
    WarehouseVersionError,
)
from city_indicators.intake.best_practices.template import TemplateError
from city_indicators.orchestration.retries import RETRY_HALF_AN_HOUR, RETRY_TRANSIENT
from standalone.errors import BackupError

PERMANENT = [
    AlteredWarehouseError("0010", ["a table"], []),
    ApiRefusedError("403", "look"),
    ArchiveError("the snapshot is absent"),
    ArchiveVerificationError("/archive", 1, 0, "a"),
    BackfillError("un_wup", "another is running", "wait"),
    CatalogueError("un_wup.yaml", "id", "is missing"),
    CorrectionExpiredError("un_wup.yaml", "moscow", "POP", 1, 2),
    CursorError("rating", "'x' is no cursor of its pages", "begin without a cursor"),
    EditionError("climate_first", "2022", "ranks no city", "choose another year"),
    DocumentError("climate_world/summary.en.md:3", "no such city", "correct the reference"),
    ExportError("rating", "more rows than a sheet has", "choose a year"),
    ForeignViewError("a view"),
    FormatError("rating", "it is not written as text/html", "accept text/csv"),
    GateRefusedError("10 of 58 are gone"),
    GroupsError("no groups"),
    LoadError("load 1 is not in the ledger"),
    MethodError("no catalogue"),
    NewerWarehouseError("9999", "0003"),
    NoWarehouseError("set the connection"),
    OlderWarehouseError("0001", "0010", "abc"),
    OutdatedPlanError("the reports were refreshed"),
    OverrideError("no reason"),
    ParameterError("rating", "'rank' is given more than once", "request one value"),
    RatingInputError("values.csv", "row 2", "is not a number"),
    SiteError("/site", "it has files of others", "choose an empty folder"),
    SourceContractError("un_wup", "https://un.example", "no column", "look"),
    StagedRowsError(1, "un_wup/run.parquet", "a", "b"),
    TemplateError("no such form"),
    TooLongError("rating", "it takes more than 60 seconds", "select fewer rows"),
    TooManyRowsError("rating", "more than 50000 rows match", "select fewer rows"),
    TrendError("two observations", "pass one"),
    UnknownExportError("rating", "no such table", "look"),
    UnusableFileError.no_file(),
    WarehouseVersionError("is empty", "upgrade it"),
]
TRANSIENT = [
    ApiUnavailableError("no answer", "look"),
    ClockError("the last load was published", "2027-01-01", "2026-01-01"),
    InboxError("/inbox", "no answer"),
    LockHeldError(["session 1"], 1),
    NotSentError("a task failed"),
    SourceUnavailableError("un_wup", "https://un.example", "no answer", "wait"),
    StorageError("/archive", "no space left", "free some"),
]
WITH_A_DELAY = [SourceBusyError("openaq", "https://o.example", "429", 90)]
BASES = {ApiError, CityIndicatorsError, PermanentError, SourceError, TransientError}
"""Errors that are raised only as one of their kinds."""


def name(error: Exception) -> str:
    return type(error).__name__


def subclasses(error: type[Exception]) -> Iterator[type[Exception]]:
    for each in error.__subclasses__():
        yield each
        yield from subclasses(each)


@pytest.mark.parametrize("error", PERMANENT, ids=name)
def test_a_permanent_error_fails_at_once(error: Exception) -> None:
    decision = RETRY_TRANSIENT.evaluate(error, 1, 3)
    assert (decision.action, decision.reason) == (RetryAction.FAIL, "a retry would fail too")


@pytest.mark.parametrize("error", TRANSIENT, ids=name)
def test_a_transient_error_is_retried_after_the_delay_of_the_task(error: Exception) -> None:
    decision = RETRY_TRANSIENT.evaluate(error, 1, 3)
    assert (decision.action, decision.retry_delay) == (RetryAction.RETRY, None)
    assert decision.reason == "a retry may succeed"


@pytest.mark.parametrize("seconds", [1, 90, 86_400])
def test_a_busy_source_sets_the_delay_in_seconds(seconds: int) -> None:
    decision = RETRY_TRANSIENT.evaluate(SourceBusyError("openaq", "https://o.example", "429", seconds), 1, 3)
    assert (decision.action, decision.retry_delay) == (RetryAction.RETRY, timedelta(seconds=seconds))


def test_every_error_of_the_library_has_its_retry_checked_here() -> None:
    raised = {
        each for each in subclasses(CityIndicatorsError) if each.__module__.startswith("city_indicators")
    }
    assert {type(each) for each in (*PERMANENT, *TRANSIENT, *WITH_A_DELAY)} == raised - BASES


@pytest.mark.parametrize("tries", [1, 2, 3])
def test_a_permanent_error_fails_at_every_try(tries: int) -> None:
    assert RETRY_TRANSIENT.evaluate(GateRefusedError("refused"), tries, 3).action is RetryAction.FAIL


def test_a_short_task_is_retried_for_half_an_hour() -> None:
    """Three retries after ten minutes each; each try itself ends after ten minutes."""
    assert {
        "retries": 3,
        "retry_delay": timedelta(seconds=600),
        "execution_timeout": timedelta(seconds=600),
    } == RETRY_HALF_AN_HOUR


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
