"""Charts of trends and coverage: bars and marks worked out by hand."""

from typing import Any

import pandas as pd
import pytest

from city_indicators.delivery.charts import coverage, trends
from city_indicators.delivery.charts.style import WIDTHS, Caption

CAPTION = Caption("Title", "unit, year", ["Sources: A (CC-BY-4.0)"])


def scales(node: Any) -> dict[str, tuple[list[str], list[str]]]:
    """The domain and range of each scale of colours or shapes."""
    found: dict[str, tuple[list[str], list[str]]] = {}
    if isinstance(node, dict):
        for channel in ("color", "shape"):
            scale = (node.get("encoding") or {}).get(channel, {}).get("scale")
            if scale:
                found[channel] = (scale["domain"], scale["range"])
    for below in node.values() if isinstance(node, dict) else node if isinstance(node, list) else []:
        found |= scales(below)
    return found


def test_a_balance_has_the_places_without_a_trend_around_zero() -> None:
    """Of ten places five are for, two neither, one against; two have no bar."""
    counts = pd.DataFrame(
        [{"group": "g", "places_for": 5, "places_none": 2, "places_against": 1, "places_of_group": 10}]
    )
    bars = trends.balance_bars(counts).set_index("part")[["places", "start", "end"]]
    assert bars.round(9).to_dict("index") == {
        "against": {"places": 1, "start": -0.2, "end": -0.1},
        "none": {"places": 2, "start": -0.1, "end": 0.1},
        "for": {"places": 5, "start": 0.1, "end": 0.6},
    }


def test_bars_of_a_balance_run_from_start_to_end() -> None:
    counts = {"places_for": 1, "places_none": 1, "places_against": 0, "places_of_group": 2}
    row = {"megatrend": "M", "group": "g", "shown": "unclear", "link": "x", **counts}
    texts = dict.fromkeys(("for", "none", "against", "places", "share", "verdict"), "t")
    bars = trends.balance_bars(pd.DataFrame([row]))
    (faceted,) = trends.balances(bars, ["g"], texts, CAPTION, 640)["vconcat"][0]["hconcat"]
    encoding = faceted["spec"]["encoding"]
    assert [encoding[channel]["field"] for channel in ("x", "x2", "y")] == ["start", "end", "group"]


def test_a_balance_without_places_against_has_no_bar_for_them() -> None:
    counts = pd.DataFrame(
        [{"group": "g", "places_for": 4, "places_none": 0, "places_against": 0, "places_of_group": 4}]
    )
    assert list(trends.balance_bars(counts)["part"]) == ["for"]


@pytest.mark.parametrize("width", WIDTHS)
def test_each_verdict_has_a_colour_and_a_shape_of_its_own(width: int) -> None:
    row = {"slope": 1.0, "slope_low": 0.5, "slope_high": 2.0, "interval": "0.5 … 2", "n": 9, "link": "x"}
    verdicts = {"increasing": "rises", "decreasing": "falls", "": "no verdict"}
    places = pd.DataFrame(
        {**row, "place": code, "trend": code, "verdict": verdict, "mark": ""}
        for code, verdict in verdicts.items()
    )
    texts = {"slope": "t a year", "interval": "i", "verdict": "v", "years": "y"}
    found = scales(trends.slopes(places, texts, CAPTION, width))
    assert found["shape"] == (["rises", "falls", "no verdict"], ["triangle-up", "triangle-down", "cross"])
    assert found["color"][0] == found["shape"][0]


def test_what_a_value_rests_on_has_a_colour_and_a_shape_of_its_own() -> None:
    texts = {code: code.upper() for code in coverage.SIGNS} | dict.fromkeys(
        ("basis", "year", "age", "pillar", "weight"), ""
    )
    cells = pd.DataFrame(
        [
            {
                **{"city": "C", "indicator": "I", "pillar": "P", "rests_on": "country", "basis": "B"},
                **{"year": "2020", "age": 4, "weight": 0.2, "link": "x"},
            }
        ]
    )
    specification = coverage.heat_map(cells, {"city": ["C"], "indicator": ["I"]}, texts, CAPTION, 640)
    for domain, range_ in scales(specification).values():
        assert domain == ["OWN", "PART", "COUNTRY", "ESTIMATED", "MISSING"]
        assert len(set(range_)) == len(domain)
    (rows,) = specification["datasets"].values()
    assert rows[0]["rests_on"] == "COUNTRY"
