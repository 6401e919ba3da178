"""The charts of a city and of a best practice, on rows worked out by hand."""

import re
from typing import Any

import pandas as pd
import pytest
import vl_convert

from city_indicators.analytics.ratings.method import Method
from city_indicators.delivery.charts import city, practice
from city_indicators.delivery.charts.style import Caption
from city_indicators.delivery.numbers import Numbers
from city_indicators.delivery.web.city import gaps, mixed
from city_indicators.delivery.web.city_charts import over_time, preferred
from city_indicators.delivery.web.digits import sensible, slope, unit_of_change
from city_indicators.delivery.web.labels import Labels
from city_indicators.delivery.web.practice_charts import beside_peers, in_place_of

CAPTION = Caption("Title", "Subtitle", ["Sources: A (CC0)"])


def drawn(specification: dict[str, Any], key: str) -> list[Any]:
    """All values of a key in a specification."""
    found = []
    for name, value in specification.items():
        below = value if isinstance(value, list) else [value]
        found += [value] if name == key else []
        found += [each for part in below if isinstance(part, dict) for each in drawn(part, key)]
    return found


def test_stripes_are_as_blue_as_red() -> None:
    """The largest difference, 1.5 below the normal, sets both ends of the scale."""
    years = pd.DataFrame(
        {"year": ["2019", "2020"], "value": [8.5, 11.0], "difference": [-1.5, 1.0], "link": "#"}
    )
    texts = {"year": "Year", "value": "Value", "difference": "Difference"}
    colours = drawn(city.stripes(years, texts, CAPTION, 640), "color")
    scales = [colour["scale"] for colour in colours if isinstance(colour, dict) and "scale" in colour]
    assert scales == [{"scheme": "redblue", "reverse": True, "domain": [-1.5, 1.5], "domainMid": 0}]


def test_each_year_of_an_axis_has_one_label() -> None:
    ranks = pd.DataFrame(
        {
            **{"rating": "R", "year": [2023, 2024], "rank": [4, 5], "rank_p05": 2, "rank_p95": 9},
            **{"n_ranked": 42, "likely": "2-9", "segment": 0, "link": "#"},
        }
    )
    texts = {name: name for name in ("rank", "likely", "year", "ranked")}
    picture = vl_convert.vegalite_to_svg(city.ranks_by_rating(ranks, texts, CAPTION, 960))
    assert re.findall(r">(20\d\d)<", picture) == ["2023", "2024"]


@pytest.mark.parametrize("width", [320, 960])
def test_indicators_with_and_without_a_better_direction_are_apart(width: int) -> None:
    places = pd.DataFrame(
        {
            "indicator": ["CO2 emissions per head", "Population"],
            "directed": [True, False],
            **{"city": "Moscow", "kind": "city", "share": 0.5, "value": "5", "year": "2020", "link": "#"},
        }
    )
    texts = {name: name for name in ("city", "peer", "other", "share", "value", "year", "better", "larger")}
    specification = city.among_peers(places, texts, CAPTION, width)
    titles = [axis["title"] for axis in drawn(specification, "x") if "title" in axis]
    assert titles == [["better"], ["larger"]]


def test_a_long_name_stands_once_and_the_rows_are_the_same_in_every_width() -> None:
    name = 'Population with "convenient" access to public transport'
    series = pd.DataFrame({"indicator": name, "year": [2019, 2020], "value": [1.0, 2.0], "link": "#"})
    series = series.assign(projected=False, segment=0)
    texts = {"year": "Year", "value": "Value", "label": Numbers.of("en").axis_label()}
    wide, narrow = (city.sparklines(series, texts, CAPTION, width) for width in (960, 320))
    assert wide["datasets"] == narrow["datasets"]
    assert name not in str(wide["datasets"])
    picture = vl_convert.vegalite_to_svg(narrow)
    assert "Population with" in picture
    assert name not in picture


@pytest.mark.parametrize(
    ("language", "labels"),
    [
        ("en", ["0.05", "1.4K", "30K", "11.5M", "1.41B"]),
        ("ru", ["0.05", "1.4 тыс.", "30 тыс.", "11.5 млн", "1.41 млрд"]),
        ("zh", ["0.05", "1,400", "3万", "1,150万", "14.1亿"]),
    ],
)
def test_an_axis_writes_large_values_as_the_language_does(language: str, labels: list[str]) -> None:
    axis = {"values": [0.05, 1400, 30_000, 11_500_000, 1.41e9], "labelOverlap": False}
    y = {"datum": 1, "type": "quantitative", "scale": {"type": "log", "domain": [0.01, 2e9]}}
    y["axis"] = {**axis, "labelExpr": Numbers.of(language).axis_label()}
    picture = vl_convert.vegalite_to_svg({"data": {"values": [{}]}, "mark": "point", "encoding": {"y": y}})
    shown = re.findall(r"<text[^>]*>([^<]+)</text>", picture)
    assert [each.replace(" ", " ") for each in shown] == labels


def observation(year: int, value: float, status: str = "A", indicator: str = "ENERGY_PC") -> dict[str, Any]:
    return {"indicator": indicator, "time_period": str(year), "obs_value": value, "obs_status": status}


def test_a_break_begins_another_line_and_projections_continue_the_last() -> None:
    found = [
        observation(2000, 1),
        observation(2001, 2),
        observation(2002, 5, "B"),
        observation(2003, 6, "F"),
        observation(2000, 1, indicator="TWO_YEARS"),
        observation(2001, 1, indicator="TWO_YEARS"),
    ]
    lines = over_time(found)
    assert [(row["time_period"], row["projected"], row["segment"]) for row in lines] == [
        ("2000", False, 0),
        ("2001", False, 0),
        ("2002", False, 1),
        ("2002", True, 1),
        ("2003", True, 1),
    ]


def test_a_source_with_a_normal_comes_before_one_without() -> None:
    years = [{"source": source, "difference": change} for source, change in (("a", None), ("b", 0.5))]
    assert [row["source"] for row in preferred(years)] == ["b"]
    assert [row["source"] for row in preferred(years[:1])] == ["a"]
    assert preferred([]) == []


def share(indicator: str, basis: str) -> dict[str, Any]:
    return {"indicator": indicator, "geo_basis": basis, "source": "s", "time_period": "2022", "pillar": "p"}


def test_shares_of_several_electricity_mixes_are_named() -> None:
    """The grid's emissions are no share of a mix."""
    own, others = share("ELEC_RES_SHARE", "city"), share("ELEC_GAS_SHARE", "country")
    grid = share("GRID_CO2", "region")
    assert mixed([own, others, grid]) == [own, others]
    assert mixed([share("ELEC_RES_SHARE", "country"), others, grid]) == []


@pytest.mark.parametrize(
    ("value", "unit", "language", "expected"),
    [
        (58.933046, "PT", "en", "58.9"),
        (58.933046, "PT", "ru", "58,9"),
        (8.366814, "T_PC", "en", "8.37"),
        (441.039, "G_KWH", "en", "441"),
        (0.0123456, "INDEX", "en", "0.0123"),
        (2050, "YEAR", "en", "2050"),
        (34514.457, "KWH_PC", "en", "34,514"),
        (0, "PT", "en", "0"),
        (None, "PT", "en", "–"),
    ],
)
def test_shows_as_many_digits_as_a_reader_can_use(
    value: float | None, unit: str, language: str, expected: str
) -> None:
    assert sensible(value, unit, "ANY", language) == expected


def test_the_value_of_a_code_is_its_label() -> None:
    assert sensible(0, "CODE", "CLIMATE_TARGET", "en") == "no target"


def lacking(indicator: str, basis: str | None, known: str | None = None) -> dict[str, Any]:
    used = {"rating": "flat", "indicator": indicator, "geo_basis": basis, "cities_with_own": 3}
    return {**used, "known_in": known, "known_basis": "city" if known else None}


def test_what_a_method_wants_of_the_country_is_not_missing() -> None:
    wanted = {"indicator": "GDP_PC_PPP", "worst": 0, "best": 1, "geo_basis": ["country"]}
    others = [{"indicator": each, "worst": 1, "best": 0} for each in ("CO2_PC", "PT_ACCESS", "WASTE_PC")]
    flat = {"id": "flat", "version": "1.0.0", "weighting": "equal", "indicators": [wanted, *others]}
    found = gaps(
        [
            lacking("CO2_PC", "country", "2023"),
            lacking("GDP_PC_PPP", "country", "2022"),
            lacking("PT_ACCESS", None),
            lacking("WASTE_PC", None, "2010"),
        ],
        {"flat": Method.model_validate(flat)},
        "en",
    )
    assert [(row["indicator"], row["state"], row["basis"], row["year"]) for row in found] == [
        ("CO2_PC", "other_area", "country", "2023"),
        ("PT_ACCESS", "no_value", None, None),
        ("WASTE_PC", "not_usable", "city", "2010"),
    ]
    assert found[0]["ratings"] == ["flat"]


SERIES = pd.DataFrame(
    [
        *(("city", 2014, 10.0), ("city", 2015, 50.0), ("city", 2016, 16.0)),
        *(("a", 2014, 1.0), ("a", 2015, 1.0), ("a", 2016, 2.0)),
        *(("b", 2014, 4.0), ("b", 2016, 7.0)),
    ],
    columns=["ref_area", "year", "value"],
)


def test_lines_show_the_change_since_before_the_start() -> None:
    """The mean of the peers has no value in the start year, in which one peer has none."""
    lines = beside_peers(SERIES, "city", 2015)
    mean = lines[lines["kind"].eq("mean")]
    assert list(mean[["year", "value", "change"]].itertuples(index=False, name=None)) == [
        (2014, 2.5, 0.0),
        (2016, 4.5, 2.0),
    ]
    own = lines[lines["kind"].eq("city")]
    assert list(own["change"]) == [0, 40, 6]
    texts = {name: name for name in ("city", "mean", "peer", "start", "year", "value", "change", "label")}
    shown = lines.assign(shown=lines["kind"], city=lines["ref_area"], link=None)
    specification = practice.before_and_after(shown, 2015, texts, CAPTION, 960)
    assert "start 2015" in str(specification["datasets"])


def test_each_peer_takes_the_place_of_the_city() -> None:
    """The city changes by 6, the peers by 1 and 3: 6 - 2 = 4, 1 - 3 = -2 and 3 - 1 = 2."""
    found = in_place_of(SERIES, "city", 2015).set_index("ref_area")["difference"]
    assert dict(found) == {"city": 4, "a": -2, "b": 2}


@pytest.mark.parametrize(
    ("change", "language", "expected"),
    [
        (-0.0041089, "en", "-0.00411"),
        (0.15299, "ru", "+0,153"),
        (133273.4, "en", "+133,273"),
        (0, "en", "0"),
    ],
)
def test_a_slope_has_three_digits_and_its_sign(change: float, language: str, expected: str) -> None:
    assert slope(change, language) == expected


def test_a_per_cent_changes_by_percentage_points() -> None:
    labels = Labels(None, "ru", {("unit", "KM"): "км"})  # type: ignore[arg-type]
    assert [unit_of_change(unit, labels, "ru") for unit in ("PT", "KM")] == ["п. п.", "км"]


def test_a_country_of_a_best_practice_has_its_name() -> None:
    labels = Labels(None, "zh", {("place", "CHN"): "中国"})  # type: ignore[arg-type]
    assert [labels("country", code) for code in ("CHN", "GRC", "ZZZ")] == ["中国", "希腊", "ZZZ"]
