"""The tasks of an edition. XCom carries what identifies it, never its rows."""

from typing import Any

from airflow.sdk import task

from city_indicators.core.errors import EditionError
from city_indicators.orchestration.clock import now
from city_indicators.orchestration.connections import warehouse_url
from city_indicators.warehouse.database import engine


@task(multiple_outputs=False)
def propose(params: dict[str, Any]) -> dict[str, Any]:
    """What the form asks for, as it would be published now."""
    from city_indicators.reports.editions import freeze

    with engine(warehouse_url()).begin() as connection:
        proposal = freeze.propose(connection, params["rating"], str(params["year"]), params["title"], now)
    return proposal.to_json()


@task
def publish(proposed: dict[str, Any], answer: dict[str, Any]) -> str:
    """Publish what was approved; its edition.

    Raises:
        EditionError: the answer is to another proposal, or the edition is no longer what was approved.
    """
    from city_indicators.reports.editions import freeze
    from city_indicators.reports.editions.diff import compare_all

    proposal = freeze.Proposal.from_json(proposed)
    if answer["params_input"].get("checksum") != proposal.checksum:
        raise EditionError(
            proposal.rating,
            proposal.time_period,
            "was proposed anew after the question was put",
            "trigger a new run and answer its question",
        )
    at = now()
    with engine(warehouse_url()).begin() as connection:
        edition = freeze.publish(connection, proposal, answer["responded_by_user"]["name"], at)
        compare_all(connection, at)
    return edition
