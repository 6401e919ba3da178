"""The page City ratings shows whatever a valid method may be."""

import html
import re
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import URL, Engine

from city_indicators.analytics.ratings.method import Method
from city_indicators.reports.refresh import refresh
from tests.methods import RESEARCH
from tests.warehouse.conftest import NOON, Publisher
from tests.warehouse.pages import USER, links, pages
from tests.warehouse.test_publish import MANY

ENERGY = {"indicator": "ENERGY_PC", "worst": 100_000, "best": 0}
OTHERS = [
    {"indicator": each, "worst": 100, "best": 0}
    for each in ("CO2_PC", "PM25_EXPOSURE", "ELEC_COAL_OIL_SHARE", "ELEC_LOWCARBON_SHARE", "WASTE_COLLECTION")
]


def method(**told: Any) -> Method:
    names = {"en": "Flat", "ru": "Плоский", "zh": "平"}
    whole = {"id": "flat", "version": "1.0.0", "name": names, "weighting": "equal", **told}
    return Method.model_validate(whole)


@pytest.fixture
def page(warehouse_url: URL, warehouse: Engine, publisher: Publisher, tmp_path: Path) -> Any:
    """The page of a method by which Moscow is rated with 60,000 kWh a head, and the client."""

    def made(rated_by: Method) -> tuple[str, TestClient]:
        publisher.load({**MANY, "RUS": 60_000})
        refresh(warehouse, {rated_by.id: rated_by}, RESEARCH, NOON)
        client = TestClient(pages(warehouse_url, tmp_path), raise_server_exceptions=False)
        answer = client.get("/ratings", params={"period": "2019"}, headers=USER)
        assert answer.status_code == 200, answer.text
        return html.unescape(answer.text), client

    return made


def bars(page: str, city: str = "Moscow") -> list[tuple[float, float, str]]:
    """The pieces of a city's bar: where they begin, how wide they are, and what they tell."""
    piece = r'<rect class="c\d+" x="([\d.]+)" y="\d+" width="([\d.]+)" height="15">'
    found = re.findall(rf"{piece}<title>{city}, ([^<]+)</title>", page)
    return [(float(x), float(width), told) for x, width, told in found]


def test_indicators_at_the_root_stand_in_place_of_pillars(page: Any) -> None:
    text, client = page(method(indicators=[ENERGY, OTHERS[0]]))
    assert [told for _, _, told in bars(text)] == [
        "Primary energy consumption per head: 40.0",
        "CO2 emissions per head: 0.0",
    ]
    (leads,) = [link for link in links(text, "/ratings") if "ENERGY_PC" in link and "moscow" in link]
    behind = client.get(leads, headers=USER)
    assert behind.status_code == 200
    assert "60000" in behind.text.replace("\N{NARROW NO-BREAK SPACE}", "")


def test_pillars_and_indicators_stand_at_the_root_together(page: Any) -> None:
    names = {"en": "Sky", "ru": "Небо", "zh": "天"}
    sky = {"id": "sky", "name": names, "indicators": [ENERGY]}
    text, _ = page(method(pillars=[sky], indicators=OTHERS[:1]))
    assert [told for _, _, told in bars(text)] == ["Sky: 40.0", "CO2 emissions per head: 0.0"]


def test_a_pillar_within_a_pillar_adds_nothing_twice(page: Any) -> None:
    names = {"en": "Sky", "ru": "Небо", "zh": "天"}
    inner = {"id": "cloud", "name": names, "indicators": [ENERGY]}
    text, _ = page(method(pillars=[{"id": "sky", "name": names, "pillars": [inner]}]))
    assert [told for _, _, told in bars(text)] == ["Sky: 40.0"]


def test_a_scale_from_nought_to_one_fills_the_chart_and_is_told_apart(page: Any) -> None:
    text, _ = page(method(indicators=[ENERGY], scale=[0, 1]))
    ends = [x + width for city in ("Moscow", "Beijing", "São Paulo") for x, width, _ in bars(text, city)]
    assert max(ends) > 400
    assert bars(text)[0][2] == "Primary energy consumption per head: 0.400"
    assert ">0.400</a>" in text


def test_what_takes_from_a_score_is_drawn_left_of_zero(page: Any) -> None:
    against = {
        "indicator": "ENERGY_PC",
        "direction": "lower",
        "normalisation": {"method": "z_score", "mean": 0, "sd": 1},
    }
    text, _ = page(method(indicators=[against]))
    ((x, width, told),) = bars(text)
    (zero,) = re.findall(r'<line x1="([\d.]+)"', text)
    assert told == "Primary energy consumption per head: -2.53"
    assert width > 0
    assert x + width == pytest.approx(float(zero), abs=0.11)


def test_each_of_many_parts_has_a_colour_of_its_own(page: Any) -> None:
    text, _ = page(method(indicators=[ENERGY, *OTHERS]))
    colours = re.findall(r"\.c(\d+) { fill: ([^;]+);", text)
    assert [number for number, _ in colours] == list("012345")
    assert len({colour for _, colour in colours}) == 6
    assert set(re.findall(r'<rect class="c(\d+)"', text)) == set("012345")
