"""The chart of the plan of a backfill."""

import pandas as pd

from city_indicators.delivery.charts import backfills
from city_indicators.delivery.charts.style import WIDTHS, Caption


def test_each_action_has_a_row_and_a_colour_even_without_an_interval() -> None:
    intervals = pd.DataFrame(
        {
            "first": ["2018-01-01", "2019-01-01"],
            "last": ["2019-01-01", "2020-01-01"],
            "action": ["fetch", "nothing"],
            "observations": [0, 12],
            "requests": 5,
            "link": "",
        }
    )
    names = {"fetch": "Fetch", "replay": "Replay", "nothing": "Nothing"}
    texts = {name: name for name in ("first", "last", "observations", "requests")}
    specification = backfills.left_to_do(intervals, names, texts, Caption("Plan", "Intervals", []), WIDTHS[0])
    chart = specification["vconcat"][0]["hconcat"][0]
    rows, colours = chart["encoding"]["y"]["scale"], chart["encoding"]["color"]["scale"]
    assert rows["domain"] == colours["domain"] == ["Fetch", "Replay", "Nothing"]
    assert len(set(colours["range"])) == 3
    (shown,) = specification["datasets"].values()
    assert [row["named"] for row in shown] == ["Fetch", "Nothing"]
