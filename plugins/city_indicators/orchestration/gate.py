"""Publishing behind the gate: a load that its gate refused waits until a steward accepts or refuses it.

The question is part of the task `publish`, so that a load which nobody refused costs no further task.
"""

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from airflow.providers.standard.operators.hitl import HITLOperator
from airflow.sdk import Context, Param, Variable
from airflow.sdk.execution_time.hitl import HITLUser

from city_indicators.core.errors import GateRefusedError, OverrideError
from city_indicators.orchestration import notify
from city_indicators.orchestration.clock import now
from city_indicators.orchestration.connections import staging_root, warehouse_url
from city_indicators.orchestration.notify import Load
from city_indicators.warehouse.database import engine

if TYPE_CHECKING:
    from city_indicators.warehouse.publish import Override

REFUSE: Final = "Refuse"
ACCEPT: Final = "Accept"
TIME_TO_ANSWER: Final = timedelta(days=1)
"""A waiting run takes one of the DAG's `max_active_runs`; cleared later, the task asks anew."""
STEWARDS: Final = "data_stewards"
"""The Airflow variable that names who may answer: user ids, separated by commas."""


class PublishOperator(HITLOperator):
    """Publishes a load; asks a steward about one that its gate refused, and lets time refuse it.

    Raises:
        GateRefusedError: the steward refused the load, or nobody answered in time.
        OverrideError: it was accepted without a reason, or the answer is to a question about another load.
    """

    template_fields = ("load_id",)

    def __init__(self, *, source_id: str, load_id: Any, **kwargs: Any) -> None:
        # Airflow hands the DAG's own parameters in, which are no part of the question.
        kwargs["params"] = form()
        super().__init__(
            subject=f"Publish {source_id} in spite of its gate?",
            options=[REFUSE, ACCEPT],
            defaults=REFUSE,
            response_timeout=TIME_TO_ANSWER,
            **kwargs,
        )
        self.source_id = source_id
        self.load_id = load_id

    def execute(self, context: Context) -> None:
        """Publish the load, or put the question and wait."""
        try:
            return self._publish(context)
        except GateRefusedError as refusal:
            self.log.warning("%s", refusal)
        load = notify.load_of(self.load_id)
        self.body = question(load, notify.data_docs_url(notify.ui_url(), load))
        self.params["load"] = self.load_id
        self.assigned_users = stewards(Variable.get(STEWARDS, default="")) or None
        notify.alert(self.source_id, context, None)
        super().execute(context)
        return None

    def execute_complete(self, context: Context, event: dict[str, Any]) -> None:
        """Go by the answer."""
        answer = super().execute_complete(context, event)
        self._publish(context, decide(notify.load_of(self.load_id), answer))

    def get_openlineage_facets_on_complete(self, task_instance: Any) -> Any:  # noqa: ARG002
        """What Airflow's OpenLineage provider asks, also of a task that failed."""
        from city_indicators.orchestration import lineage

        # Unrendered, it is no number: there was nothing to publish.
        return lineage.of_load(self.load_id) if isinstance(self.load_id, int) else None

    def _publish(self, context: Context, override: "Override | None" = None) -> None:
        context["outlet_events"][self.outlets[0]].extra = {**publish(self.load_id, override)}


def publish(load_id: int, override: "Override | None") -> dict[str, int]:
    """Make a load visible; what it changed. With an `override`, even if its gate refused it.

    Raises:
        GateRefusedError: the gate refused the load, and no steward accepted it with a reason.
    """
    from city_indicators.ingest.load import publish_load
    from city_indicators.warehouse.publish import accept

    warehouse = engine(warehouse_url())
    if override is not None:
        # Of its own transaction: the decision stands even if the publication fails and is tried again.
        with warehouse.begin() as connection:
            accept(connection, load_id, override)
    outcome = publish_load(load_id, staging_root(), warehouse, now)
    return {"load_id": load_id, **outcome.to_json()}


def form() -> dict[str, Param]:
    """What an answer consists of besides the choice."""
    return {
        "reason": Param(
            "", type="string", title="Reason", description="Stored with the load.", source="task"
        ),
        # Airflow keeps the question's first text when the task is cleared: this tells whether the answer is
        # to today's load.
        "load": Param(0, type="integer", title="Load", description="What is asked about.", source="task"),
    }


def stewards(names: str) -> list[HITLUser]:
    """The users named in the variable, as Airflow wants them; none named: whoever may run the DAG."""
    users = (name.strip() for name in names.split(","))
    return [HITLUser(id=user, name=user) for user in users if user]


def question(load: Load, data_docs: str) -> str:
    """What a steward has to know to decide, in Markdown."""
    # Indented, published text stays text.
    rejected = [f"    {rule} rejected {rows}" for rule, rows in load.rules]
    examples = [f"    {example}" for example in load.examples]
    return "\n".join(
        [
            f"The gate refused load {load.load_id} of `{load.source}`, {load.interval}:",
            "",
            *(f"- {refusal}" for refusal in load.refusals),
            "",
            f"{load.counts}. [What the rules found]({data_docs})",
            "",
            *rejected,
            *examples,
            "",
            f"**{ACCEPT}** publishes the {load.accepted} accepted rows this once; the reason is stored with "
            f"the load. **{REFUSE}**, or no answer within {TIME_TO_ANSWER.days} day, publishes nothing.",
        ]
    )


def decide(load: Load, answer: Any) -> "Override":
    """The `Override` of an answer that accepts a load.

    `answer` is a HITLTriggerEventSuccessPayload: chosen_options, params_input, responded_at,
    responded_by_user (None if the time ran out).

    Raises:
        GateRefusedError: the answer is a refusal, or the time ran out.
        OverrideError: the answer is to a question about another load.
    """
    from city_indicators.warehouse.publish import Override

    user, given = answer["responded_by_user"], answer["params_input"]
    reason = str(given.get("reason") or "").strip()
    what = f"source {load.source}, {load.interval}, load {load.load_id}: {'; '.join(load.refusals)}"
    if answer["chosen_options"] != [ACCEPT] or user is None:
        said = (
            f"{user['name']} refused it: {reason or 'no reason given'}" if user else "Nobody answered in time"
        )
        raise GateRefusedError(
            f"{what}. {said}. Nothing was published. Next step: mend the source or the rule and clear the "
            "run, or clear the publish task to be asked again"
        )
    if given.get("load") != load.load_id:
        raise OverrideError(
            f"{what}. {user['name']} answered a question about load {given.get('load')}. Nothing was "
            "published. Next step: trigger a new run, with `reload`, and answer its question"
        )
    return Override(user["name"], reason, answer["responded_at"])
