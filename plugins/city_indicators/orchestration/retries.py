"""What a failed task does next, by the kind of its error."""

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from airflow.sdk import ExceptionRetryPolicy, RetryAction, RetryRule
from airflow.sdk.definitions.retry_policy import RetryDecision

from city_indicators.core.errors import SourceBusyError

if TYPE_CHECKING:
    from airflow.sdk.definitions.context import Context


class SourceRetryPolicy(ExceptionRetryPolicy):
    """Waits as long as the source says; leaves the rest to the rules."""

    def evaluate(
        self,
        exception: BaseException,
        try_number: int,
        max_tries: int,
        context: "Context | None" = None,
    ) -> RetryDecision:
        """The decision for a failure, made in the worker."""
        if isinstance(exception, SourceBusyError):
            return RetryDecision.retry(timedelta(seconds=exception.seconds), "as long as the source says")
        return super().evaluate(exception, try_number, max_tries, context)


RETRY_WHAT_MAY_PASS: Final = SourceRetryPolicy(
    rules=[
        RetryRule(
            exception=f"city_indicators.core.errors.{error}",
            action=RetryAction.FAIL,
            reason="asking again will not help",
        )
        for error in (
            "SourceContractError",
            "CatalogueError",
            "CorrectionExpiredError",
            "GateRefusedError",
            "LoadError",
            "BackfillError",
            "ArchiveError",
            "MethodError",
            "TrendError",
            "EditionError",
        )
    ]
)
