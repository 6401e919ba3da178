"""Tasks that propose and publish an edition. XCom carries the proposal, never rows."""

from typing import Any, Final

from airflow.sdk import task

from city_indicators.core.errors import EditionError
from city_indicators.orchestration.clock import now
from city_indicators.orchestration.connections import warehouse_url
from city_indicators.warehouse.database import engine

PROPOSED_AGAIN: Final = (
    "was proposed again after the approval was requested",
    "trigger a new run and answer its request",
)
WITHOUT_CHECKSUM: Final = (
    "was approved without the checksum that the request shows",
    "clear the task approve and answer again; through the API send params_input with the checksum",
)
"""Faults of an answer, each with the next step."""


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
    answered = answer["params_input"].get("checksum")
    if answered != proposal.checksum:
        fault = PROPOSED_AGAIN if answered else WITHOUT_CHECKSUM
        raise EditionError(proposal.rating, proposal.time_period, *fault)
    at = now()
    with engine(warehouse_url()).begin() as connection:
        edition = freeze.publish(connection, proposal, answer["responded_by_user"]["name"], at)
        compare_all(connection, at)
    return edition
