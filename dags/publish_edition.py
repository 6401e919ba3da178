"""Publishes an edition of a rating, started with a form and approved by a person."""

from datetime import timedelta

import pendulum
from airflow.sdk import Param, dag, task

from city_indicators.core.paths import CATALOG
from city_indicators.orchestration.approval import EditionApproval
from city_indicators.orchestration.assets import EDITIONS
from city_indicators.orchestration.failure_callbacks import failure_callbacks
from city_indicators.orchestration.retries import RETRY_TRANSIENT

RATINGS = sorted(file.stem for file in (CATALOG / "ratings").glob("*.yaml"))


@dag(
    schedule=None,
    start_date=pendulum.datetime(2000, 1, 1, tz="UTC"),
    catchup=False,
    max_active_runs=4,
    default_args={
        "owner": "researchers",
        "retries": 2,
        "retry_delay": timedelta(minutes=1),
        "retry_policy": RETRY_TRANSIENT,
        "execution_timeout": timedelta(minutes=30),
        "on_failure_callback": failure_callbacks(),
    },
    params={
        "rating": Param(RATINGS[0], type="string", enum=RATINGS, title="Rating"),
        "year": Param(
            2022, type="integer", minimum=1990, maximum=2100, title="Year", description="The year rated."
        ),
        "title": Param(
            type="string",
            minLength=1,
            title="Title",
            description="Stands first in the citation, such as: Climate agenda of world cities.",
        ),
    },
    tags=["editions", "by hand"],
    doc_md="""\
### Publish an edition

**Makes** one edition of a rating: `report.edition` and the rows of `report.edition_rating`,
`report.edition_rating_pillar` and `report.edition_rating_indicator`, which never change again. An edition has
a number (`2022.1`), a citation and a checksum; its method, cities, moment of the figures and seed are kept,
so that it can be computed again to the last digit.

**When** somebody triggers it and somebody approves it in *Required Actions* within two weeks. The question
shows the ranks that would be published. A rejection, or no answer, publishes nothing and fails nothing.

**Who reads it** researchers and readers; `report.edition_diff` tells after every refresh what today's data
would change.

**When it fails**

- `propose`: no city is ranked in the year; the log names the next step.
- `publish`: computed again from what was known when it was proposed, the tables differ from what was
  approved. Nothing was published; trigger a new run.
""",
)
def publish_edition() -> None:
    """Propose, ask, publish."""

    @task(multiple_outputs=False)
    def propose(params: dict) -> dict:
        from city_indicators.orchestration import edition_tasks

        return edition_tasks.propose(params)

    @task(outlets=[EDITIONS])
    def publish(proposal: dict, answer: dict) -> str:
        from city_indicators.orchestration import edition_tasks

        return edition_tasks.publish(proposal, answer)

    proposed = propose()
    approve = EditionApproval(task_id="approve", proposal=proposed)
    publish(proposed, approve.output)


publish_edition()
