"""The heat maps of coverage, on values worked out by hand."""

import re

import pandas as pd
import vl_convert

from city_indicators.delivery.charts import coverage
from city_indicators.delivery.charts.style import Caption

CAPTION = Caption("Title", "Subtitle", ["Sources: A (CC0)"])
TEXTS = {name: name for name in (*coverage.SIGNS, "basis", "year", "age", "pillar", "weight")}
ORDER = {"city": ["Berlin", "Abuja"], "indicator": ["Waste", "Air"]}


def test_a_tile_has_the_age_of_its_value_in_the_order_of_the_lists() -> None:
    """Abuja has no value of air, and so no number there."""
    cells = pd.DataFrame(
        [
            ("Berlin", "Waste", "own", 0),
            ("Berlin", "Air", "country", 7),
            ("Abuja", "Waste", "own", 12),
            ("Abuja", "Air", "missing", None),
        ],
        columns=["city", "indicator", "rests_on", "age"],
    ).assign(basis="b", year="2019", pillar="p", weight=0.5, link="#")
    picture = vl_convert.vegalite_to_svg(coverage.ages(cells, ORDER, TEXTS, CAPTION, 640))
    numbers = re.findall(r'font-size="9px"[^>]*fill="(\w+)"[^>]*>(\d+)<', picture)
    assert numbers == [("black", "0"), ("white", "7"), ("white", "12")]
    labels = re.findall(r">(Waste|Air|Berlin|Abuja)<", picture)
    assert labels.index("Waste") < labels.index("Air")
    assert labels.index("Berlin") < labels.index("Abuja")
