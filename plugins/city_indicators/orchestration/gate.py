"""Publishes loads; a load that the gate refused waits until a steward accepts or refuses it.

The decision is part of the task `publish`, so that a load which passes the gate needs no further task.
"""

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from airflow.providers.standard.operators.hitl import HITLOperator
from airflow.sdk import Context, Param, Variable
from airflow.sdk.execution_time.hitl import HITLUser

from city_indicators.core.errors import GateRefusedError, OverrideError
from city_indicators.orchestration import notify, task_log
from city_indicators.orchestration.clock import now
from city_indicators.orchestration.connections import staging_root, warehouse_url
from city_indicators.orchestration.notes import note_run
from city_indicators.orchestration.notify import Load
from city_indicators.warehouse.database import engine

if TYPE_CHECKING:
    from city_indicators.warehouse.publish import Override

REFUSE: Final = "Refuse"
ACCEPT: Final = "Accept"
TIME_TO_ANSWER: Final = timedelta(days=1)
"""Limited because a waiting run counts against `max_active_runs`; clear the task to decide later."""
STEWARDS: Final = "data_stewards"
"""The Airflow variable with the ids of the users who may decide, separated by commas."""


class PublishOperator(HITLOperator):
    """Publishes a load; if the gate refused it, waits at most a day for the decision of a steward.

    Raises:
        GateRefusedError: a steward refused the load, or nobody answered in time.
        OverrideError: it was accepted without a reason, or the answer belongs to another load.
    """

    template_fields = ("load_id",)

    def __init__(self, *, source_id: str, load_id: Any, **kwargs: Any) -> None:
        # Airflow passes the params of the DAG, which do not belong in this form.
        kwargs["params"] = form()
        super().__init__(
            subject=f"Publish {source_id} although the gate refused it?",
            options=[REFUSE, ACCEPT],
            defaults=REFUSE,
            response_timeout=TIME_TO_ANSWER,
            **kwargs,
        )
        self.source_id = source_id
        self.load_id = load_id

    def execute(self, context: Context) -> None:
        """Publish the load, or request a decision and wait."""
        try:
            return self._publish(context)
        except GateRefusedError as refusal:
            self.log.warning("%s", refusal)
        load = notify.load_of(self.load_id)
        self.body = decision_text(load, notify.data_docs_url(notify.ui_url(), load))
        self.params["load"] = self.load_id
        self.assigned_users = stewards(Variable.get(STEWARDS, default="")) or None
        notify.alert(self.source_id, context, None)
        super().execute(context)
        return None

    def execute_complete(self, context: Context, event: dict[str, Any]) -> None:
        """Publish or refuse the load, as the steward decided."""
        answer = super().execute_complete(context, event)
        self._publish(context, decide(notify.load_of(self.load_id), answer))

    def get_openlineage_facets_on_complete(self, task_instance: Any) -> Any:  # noqa: ARG002
        """Called by Airflow's OpenLineage provider, also after the task failed."""
        from city_indicators.orchestration import lineage

        # While load_id is not rendered it is no number: there was nothing to publish.
        return lineage.of_load(self.load_id) if isinstance(self.load_id, int) else None

    def _publish(self, context: Context, override: "Override | None" = None) -> None:
        changed = publish(self.load_id, override)
        context["outlet_events"][self.outlets[0]].extra = {**changed}
        load = notify.load_of(self.load_id)
        note = task_log.in_a_line(load, changed)
        if load.warnings:
            self.log.warning("Published with warnings: %s", "; ".join(load.warnings))
            note += f". Warnings: {'; '.join(load.warnings)}"
        note_run(note)


def publish(load_id: int, override: "Override | None") -> dict[str, int]:
    """Publish a load; returns what it changed. With an `override`, even if the gate refused it.

    Raises:
        GateRefusedError: the gate refused the load, and no steward accepted it with a reason.
    """
    from city_indicators.ingest.load import publish_load
    from city_indicators.warehouse.publish import accept

    warehouse = engine(warehouse_url())
    if override is not None:
        # In a transaction of its own: the decision remains even if the publication fails and is retried.
        with warehouse.begin() as connection:
            accept(connection, load_id, override)
    outcome = publish_load(load_id, staging_root(), warehouse, now)
    task_log.published(load_id, outcome)
    return {"load_id": load_id, **outcome.to_json()}


def form() -> dict[str, Param]:
    """The form fields of the decision, besides accept or refuse."""
    return {
        "reason": Param(
            "", type="string", title="Reason", description="Stored with the load.", source="task"
        ),
        # When the task is cleared, Airflow keeps the text of the first request: the id identifies the load
        # that was answered.
        "load": Param(0, type="integer", title="Load", description="The load to decide on.", source="task"),
    }


def stewards(names: str) -> list[HITLUser]:
    """The users of the variable, as Airflow expects them; if empty, everyone who may run the DAG decides."""
    users = (name.strip() for name in names.split(","))
    return [HITLUser(id=user, name=user) for user in users if user]


def decision_text(load: Load, data_docs: str) -> str:
    """What a steward needs to know for the decision, in Markdown."""
    # Indented as code, so that Markdown in published text is not rendered.
    rejected = [f"    {rule} rejected {rows}" for rule, rows in load.rules]
    examples = [f"    {example}" for example in load.examples]
    return "\n".join(
        [
            f"The gate refused load {load.load_id} of `{load.source}`, {load.interval}:",
            "",
            *(f"- {refusal}" for refusal in load.refusals),
            *(f"- (warning) {warning}" for warning in load.warnings),
            "",
            f"{load.counts}. [Validation results]({data_docs})",
            "",
            *rejected,
            *examples,
            "",
            f"**{ACCEPT}** publishes the {load.accepted} accepted rows of this load only; the reason is "
            f"stored. **{REFUSE}**, or no answer within {TIME_TO_ANSWER.days} day, publishes nothing.",
        ]
    )


def decide(load: Load, answer: Any) -> "Override":
    """The `Override` for a load that a steward accepted.

    `answer` is a HITLTriggerEventSuccessPayload: chosen_options, params_input, responded_at,
    responded_by_user (None if nobody answered in time).

    Raises:
        GateRefusedError: the load was refused, or nobody answered in time.
        OverrideError: the answer belongs to another load.
    """
    from city_indicators.warehouse.publish import Override

    user, given = answer["responded_by_user"], answer["params_input"]
    reason = str(given.get("reason") or "").strip()
    what = f"source {load.source}, {load.interval}, load {load.load_id}: {'; '.join(load.refusals)}"
    if answer["chosen_options"] != [ACCEPT] or user is None:
        outcome = (
            f"{user['name']} refused it: {reason or 'no reason given'}" if user else "Nobody answered in time"
        )
        raise GateRefusedError(
            f"{what}. {outcome}. Nothing was published. Next step: fix the source or the rule and clear the "
            "run, or clear the publish task to decide again"
        )
    if given.get("load") != load.load_id:
        raise OverrideError(
            f"{what}. {user['name']} answered for load {given.get('load')}. Nothing was "
            "published. Next step: trigger a new run, with `reload`, and decide on its load"
        )
    return Override(user["name"], reason, answer["responded_at"])
