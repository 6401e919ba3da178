"""Tasks that propose and publish an edition. XCom carries the proposal, never rows."""

from typing import Any

from airflow.sdk import task

from city_indicators.core.errors import EditionError
from city_indicators.orchestration.clock import now
from city_indicators.orchestration.connections import warehouse_url
from city_indicators.warehouse.database import engine


@task(multiple_outputs=False)
def propose(params: dict[str, Any]) -> dict[str, Any]:
    """The proposal for the rating and year of the form, or its latest one, as it would be published now."""
    from city_indicators.reports.editions import freeze

    with engine(warehouse_url()).begin() as connection:
        year = params["year"] or freeze.latest_period(connection, params["rating"])
        proposal = freeze.propose(connection, params["rating"], str(year), params["title"], now)
    return proposal.to_json()


@task
def publish(proposed: dict[str, Any], answer: dict[str, Any]) -> str:
    """Publish the approved proposal; returns the number of the edition.

    Raises:
        EditionError: the answer belongs to another proposal, or the tables differ from the approved ones.
    """
    from city_indicators.reports.editions import freeze
    from city_indicators.reports.editions.diff import compare_all

    proposal = freeze.Proposal.from_json(proposed)
    if answer["params_input"].get("checksum") != proposal.checksum:
        raise EditionError(
            proposal.rating,
            proposal.time_period,
            "was proposed again after the approval was requested",
            "trigger a new run and answer its request",
        )
    at = now()
    with engine(warehouse_url()).begin() as connection:
        edition = freeze.publish(connection, proposal, answer["responded_by_user"]["name"], at)
        compare_all(connection, at)
    return edition
