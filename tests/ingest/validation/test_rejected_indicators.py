"""An indicator of which most rows are rejected stops the load, although it is a small part of it."""

import pandas as pd
import pytest

from city_indicators.catalog import Catalogue
from city_indicators.ingest.normalise import KEY
from city_indicators.ingest.validation.expected_contents import ExpectedContents
from city_indicators.ingest.validation.load_checks.assess import NOTHING_HELD, Held, assess
from tests.ingest.validation.test_load_checks import rows


@pytest.mark.parametrize(("spoilt", "refused"), [(50, False), (51, True), (100, True)])
def test_an_indicator_of_which_most_rows_are_rejected_is_refused(
    catalogue: Catalogue, spoilt: int, refused: bool
) -> None:
    """The load has other indicators, so that a tenth of all rows is not reached."""
    given = pd.DataFrame(rows(), columns=[*KEY, "obs_value"]).assign(unit_measure="KWH_PC")
    sound, held = given.iloc[spoilt:], Held(NOTHING_HELD.known, {}, ExpectedContents())
    for partial in (False, True):
        assessed = assess(
            *("publisher", given, sound, given[KEY].head(0), held, catalogue, ["ENERGY_PC"], partial)
        )
        text = assessed["mostly_rejected"].iloc[0]
        expected = f"{spoilt} of 100 rows of ENERGY_PC were rejected: its values changed"
        assert text == (expected if refused and not partial else None)
