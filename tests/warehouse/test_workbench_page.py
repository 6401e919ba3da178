"""The page of a method, and the workbench: what a reader changes, its ranks, and the file that it saves."""

import html
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, text

from city_indicators.analytics.ratings.method import Method
from city_indicators.analytics.ratings.read import read_method
from city_indicators.reports.past import reference_as_of
from city_indicators.reports.ratings import computed
from city_indicators.reports.refresh import refresh
from city_indicators.reports.tables import Vintage
from standalone.postgres import Server
from tests.conftest import new_warehouse
from tests.methods import RESEARCH
from tests.warehouse.conftest import Publisher
from tests.warehouse.pages import PREFIX, links, mounted
from tests.warehouse.site import AT, Site
from tests.warehouse.test_publish import MANY

NAMES = {"en": "Two", "ru": "Два", "zh": "二"}
TWO = Method.model_validate(
    {
        "id": "two",
        "version": "1.0.0",
        "name": NAMES,
        "coverage": {"overall": 1},
        "pillars": [
            {
                "id": "use",
                "name": {"en": "Use", "ru": "Потребление", "zh": "消费"},
                "weight": 0.8,
                "indicators": [{"indicator": "ENERGY_PC", "weight": 1, "worst": 100_000, "best": 0}],
            },
            {
                "id": "air",
                "name": {"en": "Air", "ru": "Воздух", "zh": "空气"},
                "weight": 0.2,
                "indicators": [{"indicator": "CO2_PC", "weight": 1, "worst": 10, "best": 0}],
            },
        ],
        "uncertainty": {
            "draws": 100,
            "seed": 7,
            "sobol": 8,
            "factors": {"aggregation": ["arithmetic", "geometric"], "weights": 0.25},
        },
    }
)
ENERGY = {"RUS": 60_000, "DEU": 20_000, "CHN": 30_000}
# Points: Russia 40 and 80, Germany 80 and 10, China 70 and 40.
CARBON = """
insert into core.observation_version
select
    (jsonb_populate_record(energy, jsonb_build_object(
        'indicator', 'CO2_PC', 'obs_value', carbon.value, 'unit_measure', measured.unit_measure
    ))).*
from core.observation_version as energy
inner join (values ('RUS', 2.0), ('DEU', 9.0), ('CHN', 6.0)) as carbon (ref_area, value) using (ref_area)
inner join catalog.indicator as measured on measured.indicator = 'CO2_PC'
"""
ITS_STATE = """
with block as (
    insert into core.observation_block (source, indicator, time_period, observations, load_id)
    select distinct source, indicator, time_period, 3, load_id
    from core.observation_version where indicator = 'CO2_PC'
    returning block_id
)
insert into core.observation_state
select block_id, ref_area, version, obs_value, unit_measure, obs_status, geo_basis, load_id, fetch_id
from core.observation_version, block where indicator = 'CO2_PC'
"""
CHANGED = "/workbench/two?period=2019&weight.air=0.8&language=en"


@pytest.fixture(scope="module")
def warehouse_of_two(
    server: Server, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Engine, Site]]:
    """A warehouse with two indicators of three countries, and its pages."""
    folder = tmp_path_factory.mktemp("workbench")
    with new_warehouse(server) as url:
        engine = create_engine(url)
        Publisher(engine, folder).load({**MANY, **ENERGY})
        with engine.begin() as connection:
            connection.execute(text(CARBON))
            connection.execute(text(ITS_STATE))
        refresh(engine, {TWO.id: TWO}, RESEARCH, AT)
        yield engine, Site(mounted(url, folder), url, folder)
        engine.dispose()


@pytest.fixture
def site(warehouse_of_two: tuple[Engine, Site]) -> Site:
    return warehouse_of_two[1]


def table(page: str) -> dict[str, list[str]]:
    """The cells of the table of ranks by city, without their marks."""
    body = page.split("<tbody>")[-1]
    rows = [re.findall(r"<td.*?</td>", row, re.DOTALL) for row in re.findall(r"<tr.*?</tr>", body, re.DOTALL)]
    cells = [[" ".join(re.sub(r"<[^>]+>", "", html.unescape(cell)).split()) for cell in row] for row in rows]
    return {row[1]: [row[0], *row[2:]] for row in cells}


def test_without_changes_the_ranks_are_the_declared_ones(site: Site) -> None:
    page = site.page("/workbench/two")
    assert "Nothing is changed yet" in page
    found = table(page)
    # 0.8 × 80 + 0.2 × 10 = 66 and 0.8 × 40 + 0.2 × 80 = 48
    assert (found["Berlin"][0], found["Berlin"][4:]) == ("1", ["66.0", "66.0"])
    assert found["Moscow"][4:] == ["48.0", "48.0"]
    assert {tuple(row[1:3]) for row in found.values()} == {(row[0], "0") for row in found.values()}


def test_other_weights_give_other_ranks(site: Site) -> None:
    """With equal weights Russia has 60 points, China 55, Germany 45."""
    page = site.page(f"{CHANGED}&city=moscow")
    found = table(page)
    last = str(len(found))
    assert found["Moscow"][0] == "1"
    assert found["Moscow"][4:] == ["48.0", "60.0"]
    assert found["Berlin"][:3] == [last, "1", f"▼ {int(last) - 1} *"]
    assert "share of the score 20.0%, now 50.0%" in page
    answer = " ".join(re.sub(r"<[^>]+>", "", page).split())
    assert f"Moscow: rank 1 of {last}, declared {found['Moscow'][1]}; likely 1–" in answer


def test_a_part_with_the_weight_0_is_left_out(site: Site) -> None:
    page = site.page("/workbench/two?weight.use=0")
    assert table(page)["Berlin"][4:] == ["66.0", "10.0"]
    assert ">not counted</td>" in page


def test_the_chart_has_the_ranks_of_the_table(site: Site) -> None:
    rows = site.get("/chart/workbench.csv?rating=two&period=2019&weight.air=0.8").text
    (berlin,) = [line.split(",") for line in rows.splitlines() if line.startswith("Berlin")]
    assert berlin[1:3] == [table(site.page(CHANGED))["Berlin"][0], "1"]
    assert berlin[-1] == "fell"


def test_the_saved_method_gives_the_same_ranks(warehouse_of_two: tuple[Engine, Site], tmp_path: Path) -> None:
    engine, site = warehouse_of_two
    changes = "weight.air=0.8&aggregation=geometric&normalisation=min_max"
    answer = site.get(f"/workbench/two/method.yaml?period=2019&{changes}")
    assert answer.headers["content-disposition"] == 'attachment; filename="two_changed.yaml"'
    file = tmp_path / "two_changed.yaml"
    file.write_bytes(answer.content)
    method = read_method(file)
    assert (method.id, method.aggregation, method.normalisation.method) == (
        *("two_changed", "geometric"),
        "min_max",
    )
    changes = changes.replace("geometric", "arithmetic")
    file.write_bytes(site.get(f"/workbench/two/method.yaml?period=2019&{changes}").content)
    with engine.connect() as connection:
        reference = reference_as_of(connection).reference
        rating = computed(connection, read_method(file), reference, ["2019"], Vintage())
    names = {city.ref_area: city.name_en for city in reference.cities}
    ranked = rating.scores[rating.scores["rank"].notna()]
    shown = table(site.page(f"/workbench/two?period=2019&{changes}"))
    assert {
        names[city]: str(rank) for city, rank in zip(ranked["ref_area"], ranked["rank"], strict=True)
    } == {city: row[0] for city, row in shown.items()}


def test_the_address_keeps_only_what_is_changed(site: Site) -> None:
    fields = "period=2019&city=&aggregation=arithmetic&normalisation=goalposts&weight.use=0.8&weight.air=.5"
    answer = site.client.get(f"{PREFIX}/workbench/two?{fields}&language=ru", follow_redirects=False)
    assert answer.status_code == 303
    assert answer.headers["location"] == "?period=2019&weight.air=.5&language=ru"


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ("weight.air=heavy", "the weight of Air must be a number from 0 on, but is “heavy”"),
        ("weight.air=-1", "the weight of Air must be a number from 0 on, but is “-1”"),
        ("weight.air=0&weight.use=0", "two: all its parts have the weight 0"),
        # With min_max the last country has no points.
        ("aggregation=geometric&normalisation=min_max", "needs scores above zero"),
    ],
)
def test_a_combination_that_cannot_be_computed_says_why(site: Site, changes: str, fault: str) -> None:
    page = html.unescape(site.page(f"/workbench/two?{changes}"))
    assert "This cannot be computed." in page
    assert fault in page
    assert "data-chart" not in page


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("/workbench/none", "there is no rating 'none'"),
        ("/workbench/two?period=1900", "choose one of the years"),
        ("/workbench/two?weight.none=1", "changes nothing of two"),
        ("/workbench/two?aggregation=none", "changes nothing of two"),
        ("/workbench/two?city=none", "there is no city 'none'"),
        ("/method/none", "there is no rating 'none'"),
        ("/method/two?period=1900", "choose one of the years"),
        ("/method/two?city=none", "there is no city 'none'"),
    ],
)
def test_an_unknown_name_is_refused(site: Site, path: str, message: str) -> None:
    answer = site.get(path)
    assert (answer.status_code, message in answer.text) == (404, True), answer.text


def test_a_score_is_worked_out_line_by_line(site: Site) -> None:
    page = html.unescape(site.page("/method/two?period=2019&city=moscow"))
    plain = " ".join(re.sub(r"<[^>]+>", " ", page).split())
    assert "0 + 100 × (60,000 − 100,000) ÷ (0 − 100,000) 40.00 80.00% 32.00" in plain
    assert "0 + 100 × (2 − 10) ÷ (0 − 10) 80.00 20.00% 16.00" in plain
    assert "Sum of the contributions = score 48.00" in plain


@pytest.mark.parametrize("path", ["/method/two?period=2019", "/workbench/two?period=2019&weight.air=0.8"])
def test_every_link_works_in_its_language(site: Site, path: str) -> None:
    address = f"{path}&language=ru"
    found = links(site.page(address), f"{PREFIX}{address}")
    # Pictures take seconds, and pages of all cities are built alike.
    others = [link for link in found if not re.search(r"ref_area|/city/|/data-docs/|[.](svg|png)", link)]
    for link in [*others, *[link for link in found if "moscow" in link][:3]]:
        answer = site.client.get(link)
        assert answer.status_code == 200, link
        if "text/html" in answer.headers["content-type"]:
            assert '<html lang="ru">' in answer.text, link
    assert len(others) > 10


def test_the_lineage_of_a_score_has_its_weights_and_points(site: Site) -> None:
    page = site.page("/lineage/rating?rating=two&time_period=2019&ref_area=moscow")
    facts: dict[str, Any] = {}
    for name, value in re.findall(r"<dt>([^<]*)</dt><dd>([^<]*)</dd>", page):
        facts.setdefault(name, []).append(value)
    assert facts["Weight"] == ["80.0%", "20.0%"]
    assert facts["Worst goalpost"] == ["100,000", "10"]
    assert facts["Normalised value"] == ["40.00", "80.00"]
