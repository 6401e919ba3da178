"""Tasks that make the documents of an edition, and of a proposal as drafts."""

from typing import Any

from airflow.sdk import task

from city_indicators.core.archive import Archive
from city_indicators.orchestration.clock import now
from city_indicators.orchestration.connections import archive_root, warehouse_url
from city_indicators.warehouse.database import engine


@task(multiple_outputs=False)
def draft_documents(proposed: dict[str, Any]) -> dict[str, str]:
    """Make the documents of a proposal as drafts; returns SHA-256 by file, and the faults by document."""
    from city_indicators.delivery.documents.keep import keep_drafts
    from city_indicators.reports.editions.freeze import Proposal

    proposal = Proposal.from_json(proposed)
    return keep_drafts(engine(warehouse_url()), Archive(archive_root()), proposal, now())


@task
def build_documents(rating: str, edition: str) -> list[str]:
    """Make the documents of an edition and keep them in the archive; returns the names of their files.

    Raises:
        DocumentError: a document could not be made; the others are kept.
    """
    from city_indicators.delivery.documents.keep import keep

    return keep(engine(warehouse_url()), Archive(archive_root()), rating, edition, now())
