"""What a failed task does next, by the kind of its error."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from airflow.sdk import ExceptionRetryPolicy, RetryAction, RetryRule
from airflow.sdk.definitions.retry_policy import RetryDecision

from city_indicators.core.errors import PermanentError, SourceBusyError, TransientError

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


RETRY_TRANSIENT: Final = SourceRetryPolicy(
    rules=[
        RetryRule(PermanentError, RetryAction.FAIL, reason="a later try fails alike"),
        RetryRule(TransientError, RetryAction.RETRY, reason="a later try may succeed"),
    ]
)
"""Any other error, such as one of the database or of a library, is tried again as the task declares."""

RETRY_HALF_AN_HOUR: Final[dict[str, Any]] = {
    "retries": 3,
    "retry_delay": timedelta(minutes=10),
    "execution_timeout": timedelta(minutes=10),
}
"""Arguments of short tasks that need a server of others, which may be down for a while."""
