"""No corruption is published in silence: some cases of every source; `make corruption` tries all of them."""

from pathlib import Path

import pytest
from sqlalchemy import Engine

from city_indicators.catalog import Source, load_catalogue
from demo.paths import SAMPLE
from tests.corruption.suite import Case, sources, trial_of, verdicts

CATALOGUE = load_catalogue()
MOST = 2
"""So many cases of each source are tried, spread over indicators, kinds and phases."""


def spread(cases: list[Case]) -> list[Case]:
    """Some of the cases."""
    return [cases[number * len(cases) // MOST] for number in range(MOST)]


@pytest.mark.parametrize("source", sources(CATALOGUE), ids=lambda source: str(source.id))
def test_no_corruption_is_published_in_silence(source: Source, warehouse: Engine, tmp_path: Path) -> None:
    with warehouse.connect() as connection:
        found = list(verdicts(source, CATALOGUE, connection, tmp_path, spread))
    assert len(found) == MOST
    assert [each for each in found if each.outcome == "silent"] == []
    # After a good load, an error of all values is refused.
    assert {
        each.outcome for each in found if each.case.phase == "after" and each.case.kind != "a tenth missing"
    } <= {
        "refused",
        "rejected",
        "harmless",
    }


def test_a_good_load_after_a_good_load_changes_nothing(warehouse: Engine, tmp_path: Path) -> None:
    source = CATALOGUE.sources["world_bank"]
    trial = trial_of(source, CATALOGUE, tmp_path)
    with warehouse.connect() as connection:
        first = trial.run(connection, SAMPLE, 0, keep=True)
        again = trial.run(connection, SAMPLE, 1)
    assert (again.stopped, again.warnings, again.rejected) == ("", (), 0)
    assert again.published == first.published
