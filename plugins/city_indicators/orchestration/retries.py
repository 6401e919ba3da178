"""Retry policies: which errors of a task are retried, and after how long."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from airflow.sdk import ExceptionRetryPolicy, RetryAction, RetryRule
from airflow.sdk.definitions.retry_policy import RetryDecision

from city_indicators.core.errors import PermanentError, SourceBusyError, TransientError

if TYPE_CHECKING:
    from airflow.sdk.definitions.context import Context


class SourceRetryPolicy(ExceptionRetryPolicy):
    """Waits as long as the source requests (Retry-After); follows the rules otherwise."""

    def evaluate(
        self,
        exception: BaseException,
        try_number: int,
        max_tries: int,
        context: "Context | None" = None,
    ) -> RetryDecision:
        """Decide on a retry; called in the worker after a failure."""
        if isinstance(exception, SourceBusyError):
            return RetryDecision.retry(timedelta(seconds=exception.seconds), "as long as the source requests")
        return super().evaluate(exception, try_number, max_tries, context)


RETRY_TRANSIENT: Final = SourceRetryPolicy(
    rules=[
        RetryRule(PermanentError, RetryAction.FAIL, reason="a retry would fail too"),
        RetryRule(TransientError, RetryAction.RETRY, reason="a retry may succeed"),
    ]
)
"""Other errors, for example of the database or a library, are retried as the task declares."""

RETRY_HALF_AN_HOUR: Final[dict[str, Any]] = {
    "retries": 3,
    "retry_delay": timedelta(minutes=10),
    "execution_timeout": timedelta(minutes=10),
}
"""Arguments of short tasks that need an external server, which may be down for a while."""
