"""Approval of an edition by a person, before it is published."""

from datetime import timedelta
from typing import Any, Final

from airflow.providers.standard.operators.hitl import ApprovalOperator
from airflow.sdk import Context, Param

from city_indicators.orchestration.links import DOCUMENTS

TIME_TO_ANSWER: Final = timedelta(days=14)


class EditionApproval(ApprovalOperator):
    """Shows what would be published and waits for approval; without it, the following tasks are skipped."""

    template_fields = ("proposal", "drafts")

    def __init__(self, *, proposal: Any, drafts: Any, **kwargs: Any) -> None:
        # Airflow passes the params of the DAG, which do not belong in this form. When a run is cleared,
        # Airflow keeps the text of the first request: the checksum identifies the proposal that was answered.
        kwargs["params"] = {
            "checksum": Param(
                "", type="string", title="Checksum", description="Identifies the proposal.", source="task"
            )
        }
        super().__init__(
            subject="Publish this edition?",
            defaults=self.REJECT,
            response_timeout=TIME_TO_ANSWER,
            **kwargs,
        )
        self.proposal = proposal
        self.drafts = drafts

    def execute(self, context: Context) -> Any:
        """Request the approval and wait."""
        proposal = self.proposal
        listed = "\n".join(f"- {_link(name, found)}" for name, found in self.drafts.items())
        self.body = (
            f"**{proposal['title']}**, data known at {proposal['known_at']}\n\n{proposal['summary']}"
            f"\n\nDrafts of the documents:\n\n{listed or 'No document is declared for this rating.'}"
        )
        self.params["checksum"] = proposal["checksum"]
        return super().execute(context)


def _link(name: str, found: str) -> str:
    """A file with a link to the page that serves it, or a document with its fault."""
    if name.endswith(".pdf"):
        return f"[{name}]({DOCUMENTS}/{found})"
    return f"{name} cannot be made: {found}"
