"""Builds the documents of a published edition again.

**Makes** every document of `include/documents` that is of the rating, in English, Russian and Chinese, as
PDF, DOCX and HTML: files in the archive, and rows in `archive.document`. A dossier is made of each best
practice whose city is in the edition and could be compared with its peers. The same edition gives the same
bytes; then nothing is added.

**When** triggered by hand with the form: after a chapter or the looks of documents changed. `publish_edition`
makes the documents of a new edition itself.

**Who reads it** readers of the page *Editions*, who download the documents.

**When it fails** the documents of before stay, and no other DAG depends on them. The log names the file and
the line of the fault; correct it and clear the run.
"""

from airflow.sdk import Param, dag

from city_indicators.core.paths import rating_ids
from city_indicators.orchestration.defaults import defaults
from city_indicators.orchestration.document_tasks import build_documents as build


@dag(
    schedule=None,
    params={
        "rating": Param(type="string", enum=rating_ids(), title="Rating"),
        "edition": Param(
            type="string",
            pattern=r"^\d{4}\.\d+$",
            title="Edition",
            description="A published edition of the rating, for example 2023.1.",
        ),
    },
    tags=["editions", "by hand"],
    doc_md=__doc__,
    **defaults("researchers", deadline_hours=None),
)
def build_documents() -> None:
    """Build them."""
    build("{{ params.rating }}", "{{ params.edition }}")


build_documents()
