"""Publishes an edition of a rating after a person has approved it.

**Makes** one edition of a rating: `report.edition` and its rows in the tables `report.edition_…`, which never
change again: scores, pillars and values, and the megatrends, peers, evidence, names and sources of that
moment. An edition has a number (`2022.1`), a citation and a checksum. Its method, cities, data vintage and
random seed are stored, so that it can be recomputed to the last digit. Then its documents: the files of
`archive.document`, which the page *Editions* lists.

**When** triggered by hand with the form, then approved in *Required Actions* within two weeks. The approval
request shows the ranks to be published, and links to drafts of the documents. If it is rejected or not
answered, nothing is published and the run does not fail.

**Who reads it** researchers and readers. After every refresh `report.edition_diff` shows how today's data
would change the edition.

**When it fails**

- `propose`: no city is ranked in the year; the log names the next step.
- `publish`: recomputed from the data known at the time of the proposal, the tables differ from the approved
  ones. Nothing was published; trigger a new run.
- `build_documents`: the edition is published, but its documents are not made. The log names the file and the
  line; correct it and clear the task.
"""

from airflow.sdk import Param, dag

from city_indicators.core.paths import rating_ids
from city_indicators.orchestration.approval import EditionApproval
from city_indicators.orchestration.assets import EDITIONS
from city_indicators.orchestration.defaults import defaults
from city_indicators.orchestration.document_tasks import build_documents, draft_documents
from city_indicators.orchestration.edition_tasks import propose, publish


@dag(
    schedule=None,
    params={
        "rating": Param(type="string", enum=rating_ids(), title="Rating"),
        "year": Param(
            None,
            type=["null", "integer"],
            minimum=1990,
            maximum=2100,
            title="Year",
            description="The rated year. Empty: the latest one with ranks.",
        ),
        "title": Param(
            type="string",
            minLength=1,
            title="Title",
            description="First words of the citation, for example: Climate agenda of world cities.",
        ),
    },
    tags=["editions", "by hand"],
    doc_md=__doc__,
    **defaults("researchers", deadline_hours=None, max_active_runs=4),
)
def publish_edition() -> None:
    """Propose, make drafts, wait for approval, publish, build the documents."""
    proposed = propose()
    approve = EditionApproval(task_id="approve", proposal=proposed, drafts=draft_documents(proposed))
    edition = publish.override(outlets=[EDITIONS])(proposed, approve.output)
    build_documents("{{ params.rating }}", edition)


publish_edition()
