"""Publishes an edition of a rating, started with a form and approved by a person.

**Makes** one edition of a rating: `report.edition` and the rows of `report.edition_rating`,
`report.edition_rating_pillar` and `report.edition_rating_indicator`, which never change again. An edition has
a number (`2022.1`), a citation and a checksum; its method, cities, moment of the observations and seed are kept,
so that it can be computed again to the last digit.

**When** somebody triggers it and somebody approves it in *Required Actions* within two weeks. The question
shows the ranks that would be published. A rejection, or no answer, publishes nothing and fails nothing.

**Who reads it** researchers and readers; `report.edition_diff` shows after every refresh what today's data
would change.

**When it fails**

- `propose`: no city is ranked in the year; the log names the next step.
- `publish`: computed again from what was known when it was proposed, the tables differ from what was
  approved. Nothing was published; trigger a new run.
"""

from airflow.sdk import Param, dag

from city_indicators.core.paths import CATALOG
from city_indicators.orchestration.approval import EditionApproval
from city_indicators.orchestration.assets import EDITIONS
from city_indicators.orchestration.defaults import defaults
from city_indicators.orchestration.edition_tasks import propose, publish

RATINGS = sorted(file.stem for file in (CATALOG / "ratings").glob("*.yaml"))


@dag(
    schedule=None,
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
    doc_md=__doc__,
    **defaults("researchers", deadline_hours=None, max_active_runs=4),
)
def publish_edition() -> None:
    """Propose, ask, publish."""
    proposed = propose()
    approve = EditionApproval(task_id="approve", proposal=proposed)
    publish.override(outlets=[EDITIONS])(proposed, approve.output)


publish_edition()
