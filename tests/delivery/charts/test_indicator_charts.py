"""Charts of an indicator: segments of series, projections, and values of cities and countries apart."""

import re
from typing import Any

import pandas as pd
import vl_convert

from city_indicators.delivery.charts import indicator
from city_indicators.delivery.charts.indicator import KINDS, OTHER, OWN
from city_indicators.delivery.charts.style import Caption

CAPTION = Caption("Waste", "kg per person", ["Sources: X (CC-BY-4.0)"])
TEXTS = {
    **{kind: kind.upper() for kind in KINDS},
    **{"value": "kg", "year": "Year", "series": "Series", "status": "Status", "basis": "Basis"},
    **{"places": "Places", OWN: "Of the city", OTHER: "Of its country"},
}


def series(name: str, own: bool, *values: tuple[int, float, str]) -> list[dict[str, Any]]:
    """Values of Paris: year, value and kind."""
    keys = ("year", "value", "kind")
    common = {"city": "Paris", "series": name, "own": own, "link": "lineage/x", "shown": "1"}
    return [{**common, **dict(zip(keys, each, strict=True))} for each in values]


def drawn(specification: dict[str, Any]) -> list[dict[str, Any]]:
    """The rows of the largest data set."""
    return max(specification["datasets"].values(), key=len)


def found(specification: Any, key: str) -> list[Any]:
    """The values of a key at any depth."""
    if isinstance(specification, list):
        return [value for each in specification for value in found(each, key)]
    if not isinstance(specification, dict):
        return []
    own = [specification[key]] if key in specification else []
    return own + [value for each in specification.values() for value in found(each, key)]


def test_a_break_begins_a_segment_and_projections_begin_at_the_last_observed_value() -> None:
    rows = pd.DataFrame(
        [
            *series("A city", True, (2017, 1, "observed"), (2018, 5, "break"), (2019, 6, "estimated")),
            *series("A city", True, (2020, 7, "projection")),
            *series("B country", False, (2018, 3, "observed"), (2019, 4, "observed")),
        ]
    )
    specification = indicator.over_time(rows, TEXTS, CAPTION, 640)
    lines = {(row["series"], row["year"], row["kind"]): row["segment"] for row in drawn(specification)}
    assert lines == {
        ("A city", 2017, "observed"): 0,
        ("A city", 2018, "break"): 1,
        ("A city", 2019, "estimated"): 1,
        ("A city", 2020, "projection"): 1,
        # The dashed line goes from here to the projection.
        ("A city", 2019, "bridge"): 1,
        ("B country", 2018, "observed"): 0,
        ("B country", 2019, "observed"): 0,
    }
    assert [row["letter"] for row in drawn(specification) if row["last"]] == ["B", "A"]
    assert [4, 3] in found(specification, "strokeDash")


def test_a_series_without_projections_has_no_dashed_line_and_no_letter() -> None:
    rows = pd.DataFrame(series("city", True, (2017, 1, "observed"), (2018, 5, "observed")))
    specification = indicator.over_time(rows, TEXTS, CAPTION, 320)
    assert found(specification, "strokeDash") == []
    assert "letter:N" not in str(specification["vconcat"])
    assert found(specification, "columns")[0] == 1


def places() -> pd.DataFrame:
    common = {"shown": "1", "year": "2020", "link": "lineage/x"}
    return pd.DataFrame(
        [
            {**common, "name": "Russia (3)", "value": 9.0, "basis": "the country", "level": OTHER},
            {**common, "name": "Paris", "value": 2.0, "basis": "city", "level": OWN},
            {**common, "name": "Tokyo", "value": 1.0, "basis": "metro", "level": OWN},
        ]
    )


def test_values_of_cities_stand_above_those_of_countries_on_one_scale() -> None:
    specification = indicator.latest(places(), TEXTS, CAPTION, 640)
    names = [row["name"] for rows in specification["datasets"].values() for row in rows]
    assert names == ["Paris", "Tokyo", "Russia (3)"]
    scales = [axis["scale"]["domain"] for axis in found(specification, "x")]
    assert scales == [[1.0, 9.0], [1.0, 9.0]]
    shapes = found(specification, "shape")[0]["scale"]
    assert shapes["domain"] == ["city", "metro", "the country"]
    assert len(set(shapes["range"])) == 3


def test_the_chosen_cities_stand_below_the_histogram() -> None:
    values = places()
    chosen = values[values["name"] == "Paris"]
    specification = indicator.distribution(values, chosen, TEXTS, CAPTION, 640)
    assert [row["name"] for row in drawn({"datasets": specification["datasets"]})] == list(values["name"])
    assert found(specification, "href") == [{"field": "link", "type": "nominal"}]
    without = indicator.distribution(values, chosen[:0], TEXTS, CAPTION, 640)
    assert found(without, "href") == []


def test_the_first_bin_of_a_histogram_is_on_its_scale() -> None:
    """Bins of five begin at 25; a scale of the values from 29.4 on would have the first bar left of it."""
    values = places().assign(value=[29.4, 48.5, 33.0])
    picture = vl_convert.vegalite_to_svg(indicator.distribution(values, values[:0], TEXTS, CAPTION, 320))
    lefts = re.findall(r'aria-roledescription="bar" d="M(-?[0-9.]+)', picture)
    assert lefts
    assert min(map(float, lefts)) >= 0
