"""The question whether to publish an edition."""

from datetime import timedelta
from typing import Any, Final

from airflow.providers.standard.operators.hitl import ApprovalOperator
from airflow.sdk import Context, Param

TIME_TO_ANSWER: Final = timedelta(days=14)


class EditionApproval(ApprovalOperator):
    """Shows what would be published and asks; a rejection, or no answer in time, skips what follows."""

    template_fields = ("proposal",)

    def __init__(self, *, proposal: Any, **kwargs: Any) -> None:
        # Airflow hands the DAG's own parameters in, which are no part of the question. It keeps the text of
        # the first question when a run is cleared: the checksum tells which proposal an answer is to.
        kwargs["params"] = {
            "checksum": Param(
                "", type="string", title="Checksum", description="Of what is asked about.", source="task"
            )
        }
        super().__init__(
            subject="Publish this edition?",
            defaults=self.REJECT,
            response_timeout=TIME_TO_ANSWER,
            **kwargs,
        )
        self.proposal = proposal

    def execute(self, context: Context) -> Any:
        """Put the question and wait."""
        proposal = self.proposal
        self.body = f"**{proposal['title']}**, observations as known at {proposal['known_at']}\n\n{proposal['summary']}"
        self.params["checksum"] = proposal["checksum"]
        return super().execute(context)
