"""The charts of loads and of editions."""

from typing import Any

import pandas as pd
import pytest

from city_indicators.delivery.charts import editions, loads
from city_indicators.delivery.charts.style import WIDTHS, Caption

CAPTION = Caption("Load 2", "Revised values", ["Sources: A (CC-BY-4.0)"])
TEXTS = {
    name: name
    for name in (
        *("year", "before", "after", "change", "label", "state", "read", "rejected", "first", "last"),
        *("score", "published", "today", "rank_published", "rank_today"),
    )
}


def layers(specification: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = specification["vconcat"][0]["hconcat"][0]["layer"]
    return found


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [([10.0, 1000.0], [20.0, 900.0], "log"), ([-5.0, 10.0], [5.0, 12.0], "linear"), ([0.0], [1.0], "linear")],
)
def test_positive_values_have_logarithmic_axes_and_one_domain(
    before: list[float], after: list[float], kind: str
) -> None:
    values = pd.DataFrame({"place": "A", "year": "2019", "before": before, "after": after, "link": ""})
    specification = loads.old_against_new(values, TEXTS, CAPTION, WIDTHS[0])
    line, points = layers(specification)
    ends = [min(*before, *after), max(*before, *after)]
    for axis in ("x", "y"):
        scale = points["encoding"][axis]["scale"]
        assert (scale["type"], scale["domain"]) == (kind, ends)
    dashed = specification["datasets"][line["data"]["name"]]
    assert [row["end"] for row in dashed] == ends


def test_a_refused_load_is_the_largest_bar_and_has_a_sign() -> None:
    shown = pd.DataFrame(
        {
            "source": ["A", "A"],
            "first": ["2018-01-01", "2019-01-01"],
            "last": ["2019-01-01", "2020-01-01"],
            "state": ["published", "refused"],
            "named": ["published", "refused"],
            "read": [12, 0],
            "rejected": [0.25, None],
            "link": "",
        }
    )
    specification = loads.loads_of_sources(shown, TEXTS, CAPTION, WIDTHS[1])
    bars = {
        row["state"]: layer["mark"]["height"]
        for layer in layers(specification)
        if layer["mark"]["type"] == "bar"
        for row in specification["datasets"][layer["data"]["name"]]
    }
    assert bars["refused"] > 2 * bars["published"]
    signs = [layer["mark"]["text"] for layer in layers(specification) if layer["mark"]["type"] == "text"]
    assert "✕" in signs
    # Only states that occur are in the legend.
    assert layers(specification)[0]["encoding"]["color"]["scale"]["domain"] == ["published", "refused"]


def test_an_edition_keeps_the_order_of_its_cities() -> None:
    cities = pd.DataFrame(
        {
            "city": ["Z", "A"],
            "published": [80.0, 70.0],
            "today": [75.0, None],
            "change": [-5.0, None],
            "rank_published": [1, 2],
            "rank_today": [1, None],
            "link": "",
        }
    )
    specification = editions.then_and_now(cities, TEXTS, CAPTION, WIDTHS[2])
    line, then, now = layers(specification)
    assert line["encoding"]["y"]["sort"] == ["Z", "A"]
    assert (then["mark"]["filled"], now["mark"]["filled"]) == (False, True)
    assert then["encoding"]["shape"]["datum"] != now["encoding"]["shape"]["datum"]
