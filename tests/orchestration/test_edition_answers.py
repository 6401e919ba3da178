"""An answer to the request of an edition counts only for the proposal that the request showed."""

from typing import Any

import pytest

from city_indicators.core.errors import EditionError
from city_indicators.orchestration.edition_tasks import publish

PROPOSED = {
    "rating": "climate_world",
    "time_period": "2024",
    "title": "Climate agenda",
    "method_version": "1.0",
    "reference_id": 1,
    "known_at": "2026-11-01T00:00:00+00:00",
    "n_ranked": 1,
    "checksum": "newer",
    "summary": "",
}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (
            {"checksum": "older"},
            "was proposed again after the approval was requested. Nothing was published. "
            "Next step: trigger a new run",
        ),
        (
            {},
            "was approved without the checksum that the request shows. Nothing was published. "
            "Next step: clear the task approve and answer again; through the API send params_input with the "
            "checksum",
        ),
    ],
)
def test_an_answer_to_another_or_no_proposal_publishes_nothing(given: dict[str, Any], message: str) -> None:
    answer = {"params_input": given, "responded_by_user": {"name": "anna"}}
    with pytest.raises(EditionError) as error:
        publish.function(PROPOSED, answer)
    assert message in str(error.value)
