"""What include/expectations declares of a source is that of no other source."""

from datetime import date

import pandas as pd

from city_indicators.core.intervals import Interval
from city_indicators.core.paths import EXPECTATIONS
from city_indicators.ingest.validation.expected_contents import ANCHOR_COLUMNS, expected_contents

TWO_YEARS = Interval(date(2020, 1, 1), date(2022, 1, 1))


def test_a_source_has_its_own_places_and_anchors() -> None:
    found = expected_contents("carbon_monitor_china", TWO_YEARS)
    assert found.fewest_places == {"CO2_CITY": 6}
    assert found.years == {"2020", "2021"}
    of_guangzhou = found.anchors[found.anchors["ref_area"] == "guangzhou"]
    # Tonnes of CO2, Carbon Monitor Cities-China.
    assert of_guangzhou.set_index("time_period")["obs_value"].loc["2020"] == 53257189
    assert set(of_guangzhou["unit_measure"]) == {"T"}


def test_every_declared_row_belongs_to_one_source() -> None:
    anchors = pd.read_csv(EXPECTATIONS / "anchors.csv")
    places = pd.read_csv(EXPECTATIONS / "places.csv")
    sources = {*anchors["source"], *places["source"]}
    found = [expected_contents(source, TWO_YEARS) for source in sources]
    assert sum(len(each.anchors) for each in found) == len(anchors)
    assert sum(len(each.fewest_places) for each in found) == len(places)


def test_a_source_without_declarations_has_no_expectations() -> None:
    found = expected_contents("no_such_source", TWO_YEARS)
    assert (found.fewest_places, list(found.anchors)) == ({}, ANCHOR_COLUMNS)
    assert found.anchors.empty
