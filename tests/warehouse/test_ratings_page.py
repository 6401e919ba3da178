"""The page *City ratings* shows any valid method."""

import html
import io
import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import URL, Engine
from sqlalchemy import text as sql

from city_indicators.analytics.ratings.method import Method
from city_indicators.reports.editions.freeze import propose, publish
from city_indicators.reports.refresh import refresh
from tests.methods import RESEARCH
from tests.warehouse.conftest import NOON, Publisher
from tests.warehouse.pages import USER, links, pages
from tests.warehouse.site import LATER
from tests.warehouse.test_publish import MANY

ENERGY = {"indicator": "ENERGY_PC", "worst": 100_000, "best": 0}
OTHERS = [
    {"indicator": each, "worst": 100, "best": 0}
    for each in ("CO2_PC", "PM25_EXPOSURE", "ELEC_COAL_OIL_SHARE", "ELEC_LOWCARBON_SHARE", "WASTE_COLLECTION")
]


def method(**changes: Any) -> Method:
    names = {"en": "Flat", "ru": "Плоский", "zh": "平"}
    defaults = {"id": "flat", "version": "1.0.0", "name": names, "weighting": "equal", **changes}
    return Method.model_validate(defaults)


@pytest.fixture
def page(warehouse_url: URL, warehouse: Engine, publisher: Publisher, tmp_path: Path) -> Any:
    """The page of a method that rates Moscow with 60,000 kWh per head, and the client."""

    def made(rated_by: Method) -> tuple[str, TestClient]:
        publisher.load({**MANY, "RUS": 60_000})
        refresh(warehouse, {rated_by.id: rated_by}, RESEARCH, NOON)
        client = TestClient(pages(warehouse_url, tmp_path), raise_server_exceptions=False)
        answer = client.get("/ratings", params={"period": "2019"}, headers=USER)
        assert answer.status_code == 200, answer.text
        return html.unescape(answer.text), client

    return made


def bars(client: TestClient, city: str = "Moscow") -> list[tuple[str, float]]:
    """The segments of the bar of a city: part and points."""
    parameters = {"rating": "flat", "period": "2019"}
    answer = client.get("/chart/contributions.csv", params=parameters, headers=USER)
    found = pd.read_csv(io.StringIO(answer.content.decode("utf-8-sig")), comment="#")
    of_city = found[found["city"] == city]
    return list(zip(of_city["part"], of_city["value"].round(3), strict=True))


BOUNDS = {"cronbach_alpha": 0.6, "correlation": [-0.3, 0.92], "importance": 0.25, "rank_interval": 0.35}
ACCEPTED = {"by": "A. Referee", "on": "2026-11-29", "reason": "the pillar is formative, not reflective"}
LOW_ALPHA = sql("""
    insert into report.rating_coherence
    (rating, time_period, pillar, part, other, statistic, value, lower_bound, within_bounds)
    values ('flat', '2019', 'flat', '', '', 'cronbach_alpha', -0.031, 0.6, false)
""")


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({}, "Draft. The coherence of the method is outside of its declared bounds."),
        ({"accepted": ACCEPTED}, "Accepted by A. Referee on 29 Nov 2026: the pillar is formative"),
    ],
)
def test_a_method_outside_of_its_bounds_says_so(
    page: Any, warehouse: Engine, more: dict[str, Any], expected: str
) -> None:
    text, client = page(method(indicators=[ENERGY, OTHERS[0]], coherence={**BOUNDS, **more}))
    assert "The coherence of the method" not in text
    with warehouse.begin() as connection:
        connection.execute(LOW_ALPHA)
    # Not the address that was opened before: a refresh would make its page anew, an insert does not.
    shown = html.unescape(client.get("/ratings", params={"period": "2019", "again": "1"}, headers=USER).text)
    plain = re.sub(r"<[^>]+>", "", shown)
    assert expected in plain
    assert "Flat: Cronbach's alpha -0.03, at least 0.60" in plain.replace("−", "-")


def test_a_rating_that_ranks_nobody_says_why(page: Any) -> None:
    """Energy is the country's, so that no value is Moscow's own."""
    text, _ = page(method(indicators=[ENERGY, OTHERS[0]], coverage={"city_level": 0.6}))
    assert "too few values are measured for the city" in text
    assert "No rating yet" not in text
    assert 'class="chart"' not in text


def test_root_indicators_are_shown_like_pillars(page: Any) -> None:
    text, client = page(method(indicators=[ENERGY, OTHERS[0]]))
    assert bars(client) == [("Primary energy consumption per head", 40), ("CO2 emissions per head", 0)]
    (leads,) = [link for link in links(text, "/ratings") if "ENERGY_PC" in link and "moscow" in link]
    answer = client.get(leads, headers=USER)
    assert answer.status_code == 200
    assert "60000" in answer.text.replace("\N{NARROW NO-BREAK SPACE}", "")


def test_pillars_and_root_indicators_are_shown_together(page: Any) -> None:
    names = {"en": "Sky", "ru": "Небо", "zh": "天"}
    sky = {"id": "sky", "name": names, "indicators": [ENERGY]}
    _, client = page(method(pillars=[sky], indicators=OTHERS[:1]))
    assert bars(client) == [("Sky", 40), ("CO2 emissions per head", 0)]


def test_a_nested_pillar_is_not_counted_twice(page: Any) -> None:
    names = {"en": "Sky", "ru": "Небо", "zh": "天"}
    inner = {"id": "cloud", "name": names, "indicators": [ENERGY]}
    _, client = page(method(pillars=[{"id": "sky", "name": names, "pillars": [inner]}]))
    assert bars(client) == [("Sky", 40)]


def test_small_scores_have_more_decimals(page: Any) -> None:
    text, client = page(method(indicators=[ENERGY], scale=[0, 1]))
    assert bars(client) == [("Primary energy consumption per head", 0.4)]
    assert ">0.400</a>" in text


def test_negative_contributions_stay_negative(page: Any) -> None:
    against = {
        "indicator": "ENERGY_PC",
        "direction": "lower",
        "normalisation": {"method": "z_score", "mean": 0, "sd": 1},
    }
    _, client = page(method(indicators=[against]))
    assert bars(client) == [("Primary energy consumption per head", -2.525)]


def test_a_formula_over_a_band_is_stored_and_shown(page: Any, warehouse: Engine) -> None:
    """60,000 is half way from the band to its worst: 50 points; the formula makes 100 - 50 / 2 of them."""
    band = {"best": [50_000, 55_000], "worst": [0, 65_000]}
    use = {"id": "use", "name": "Use", "formula": "100 - ENERGY_PC / 2"}
    _, client = page(method(pillars=[{**use, "indicators": [{"indicator": "ENERGY_PC", "band": band}]}]))
    assert bars(client) == [("Use", 75)]
    with warehouse.connect() as connection:
        stored = connection.execute(
            sql(
                "select goalpost_worst, goalpost_best, normalised, weight, contribution "
                "from report.rating_indicator where ref_area = 'moscow' and time_period = '2019'"
            )
        ).one()
    assert tuple(stored) == (65_000, 55_000, 50, None, None)


OVER_A_PILLAR = "100 - a / 2"
A = {"id": "a", "name": {"en": "A", "ru": "А", "zh": "甲"}, "indicators": [ENERGY]}
USE = {
    "id": "use",
    "name": {"en": "Use", "ru": "Расход", "zh": "用"},
    "formula": OVER_A_PILLAR,
    "pillars": [A],
}


@pytest.mark.parametrize(
    ("changes", "stored", "has_sum"),
    [
        # 60,000 kWh per head are 40 points; the formula makes 100 - 40 / 2 of them.
        ({"pillars": [USE]}, {"a": (None, None, None, 40), "use": (1, 1, 80, 80)}, True),
        ({"pillars": [A], "formula": OVER_A_PILLAR}, {"a": (None, None, None, 40)}, False),
    ],
    ids=["a pillar", "the rating"],
)
def test_a_formula_over_pillars_leaves_them_without_weight(
    page: Any, warehouse: Engine, changes: dict[str, Any], stored: dict[str, Any], has_sum: bool
) -> None:
    rated_by = method(uncertainty={"draws": 100, "seed": 1, "factors": {"weights": 0.2}}, **changes)
    text, client = page(rated_by)
    pillars = "select pillar, weight, weight_effective, contribution, score from report.rating_pillar "
    of_moscow = "where ref_area = 'moscow' and time_period = '2019'"
    with warehouse.connect() as connection:
        found = {row[0]: tuple(row)[1:] for row in connection.execute(sql(pillars + of_moscow))}
        score = connection.scalar(sql(f"select score from report.rating {of_moscow}"))  # noqa: S608
    assert (found, score) == (stored, 80)
    assert ("chart/contributions" in text) == has_sum
    if has_sum:
        assert bars(client) == [("Use", 80)]
    shown = client.get("/method/flat", params={"city": "moscow"}, headers=USER)
    assert shown.status_code == 200
    assert f"<code>{OVER_A_PILLAR}</code>" in shown.text or not has_sum
    plain = " ".join(re.sub(r"<[^>]+>", " ", html.unescape(shown.text)).split())
    assert ("Sum of the contributions" in plain) == has_sum
    assert "A formula –" in plain
    assert client.get("/workbench/flat", headers=USER).status_code == 200
    of_edition = sql(pillars.replace("rating_pillar", "edition_rating_pillar") + of_moscow)
    with warehouse.begin() as connection:
        publish(connection, propose(connection, "flat", "2019", "First", lambda: LATER), "anna", LATER)
        assert {row[0]: tuple(row)[1:] for row in connection.execute(of_edition)} == stored
