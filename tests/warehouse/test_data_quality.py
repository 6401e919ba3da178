"""Data quality of loads: two report views, a page and the Data Docs."""

import io
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import URL, Engine, create_engine, text

from city_indicators.ingest.validation import data_docs
from city_indicators.ingest.validation.data_docs import build, page_of_load
from city_indicators.ingest.validation.data_docs_site import Site
from city_indicators.warehouse.database import frame
from tests.warehouse.conftest import Publisher
from tests.warehouse.pages import USER, pages
from tests.warehouse.test_publish import MANY

Query = Callable[[str], list[tuple[object, ...]]]

TODAY = datetime.now(UTC)
# Of twelve values, one is not a number and two are outside the plausible range.
WITH_DEFECTS: dict[str, object] = {**MANY, "RUS": "about ten", "BRA": 7_000_000, "CHN": -1}


@pytest.fixture
def loads(publisher: Publisher) -> dict[str, int]:
    """Four loads of one source, in this order: published with defects, refused, of 2018, waiting."""
    ids = {"with_defects": publisher.validate(WITH_DEFECTS, fetched_at=TODAY - timedelta(days=9))}
    publisher.publish(ids["with_defects"])
    one_left = {"ARE": MANY["ARE"]}
    ids["refused"] = publisher.validate(one_left, fetched_at=TODAY - timedelta(days=7))
    ids["earlier_year"] = publisher.validate(MANY, year=2018, fetched_at=TODAY - timedelta(days=5))
    publisher.publish(ids["earlier_year"])
    ids["waiting"] = publisher.validate(MANY, fetched_at=TODAY - timedelta(days=3, hours=2))
    return ids


@pytest.fixture
def quality(warehouse: Engine, loads: dict[str, int]) -> dict[str, dict[str, Any]]:
    """The rows of report.data_quality by the names of the loads."""
    with warehouse.connect() as connection:
        rows = connection.execute(text("select * from report.data_quality")).mappings()
        by_id = {row["load_id"]: dict(row) for row in rows}
    return {name: by_id[load_id] for name, load_id in loads.items()}


def test_counts_rejected_rows_by_rule(quality: dict[str, dict[str, Any]]) -> None:
    load = quality["with_defects"]
    assert (load["read_rows"], load["accepted_rows"], load["rejected_rows"]) == (12, 9, 3)
    assert load["rejected_by_rule"] == {"value_is_number": 1, "plausible_range": 2}
    assert load["rules_failed"] == 2
    assert (load["state"], load["refusals"]) == ("published", [])
    assert load["published_at"] is not None


def test_counts_the_rules_of_both_suites(quality: dict[str, dict[str, Any]], query: Query) -> None:
    # The result documents of Great Expectations have the same rules.
    counted = query(
        "select load_id, sum(jsonb_array_length(result -> 'results')) from quality.validation group by 1"
    )
    assert {(load["load_id"], load["rules_run"]) for load in quality.values()} == set(counted)
    assert all(load["rules_run"] > 2 for load in quality.values())


def test_shows_why_a_load_was_refused(quality: dict[str, dict[str, Any]]) -> None:
    load = quality["refused"]
    assert (load["state"], load["published_at"], load["rules_failed"]) == ("refused", None, 1)
    # Nine observations were stored, and the source gives one of them.
    assert "8 of 9" in load["refusals"][0]
    assert load["rejected_by_rule"] == {}


def test_shows_the_rejected_share_of_the_previous_load(quality: dict[str, dict[str, Any]]) -> None:
    shares = [(load["rejected_share"], load["previous_rejected_share"]) for load in quality.values()]
    assert shares == [(0.25, None), (0.0, 0.25), (0.0, 0.0), (0.0, 0.0)]


def test_freshness_is_by_source_and_coverage_by_load(quality: dict[str, dict[str, Any]]) -> None:
    assert {load["newest_period"] for load in quality.values()} == {"2019"}
    assert {load["days_since_fetch"] for load in quality.values()} == {3}
    # The source gives national data, and the catalogue has 28 countries; the loads of 2019 share one year.
    places = {name: (load["places_with_value"], load["places_expected"]) for name, load in quality.items()}
    assert places == {
        "with_defects": (9, 28),
        "refused": (9, 28),
        "earlier_year": (12, 28),
        "waiting": (9, 28),
    }


COPY = """
insert into ops.load (
    source, dag_id, run_id, interval_start, interval_end, indicators, state, refusals, read_rows,
    accepted_rows, rejected_rows, empty_cells, out_of_scope_rows, validated_at, staged_path
)
select 'world_bank', dag_id, run_id, interval_start, interval_end, indicators, 'refused', '{"none came"}',
    0, 0, 0, 0, 0, validated_at, staged_path
from ops.load order by load_id limit 1
"""


@pytest.mark.usefixtures("loads")
def test_a_source_without_observations_has_no_shares(warehouse: Engine, query: Query) -> None:
    with warehouse.begin() as connection:
        connection.execute(text(COPY))
    assert query(
        "select rejected_share, previous_rejected_share, newest_period, days_since_fetch, places_expected, "
        "places_with_value, rules_run, rules_failed, rejected_by_rule "
        "from report.data_quality where source = 'world_bank'"
    ) == [(None, None, None, None, None, 0, 0, 0, {})]


def test_shows_rejected_rows_of_the_latest_load_in_three_languages(
    publisher: Publisher, query: Query
) -> None:
    publisher.validate(WITH_DEFECTS)
    latest = publisher.validate({**MANY, "RUS": "about ten"})
    ((load_id, *names, value, rule, reason, url),) = query(
        "select load_id, ref_area, place_name_en, place_name_ru, place_name_zh, indicator, "
        "indicator_name_en, indicator_name_ru, indicator_name_zh, value_as_published, rule, reason, url "
        "from report.rejected_rows"
    )
    assert load_id == latest
    assert names == [
        *("RUS", "Russia", "Россия", "俄罗斯"),
        *("ENERGY_PC", "Primary energy consumption per head"),
        *("Потребление первичной энергии на душу населения", "人均一次能源消费量"),
    ]
    assert (value, rule, reason) == ("about ten", "value_is_number", "'about ten' is not a number")
    assert str(url).startswith("https://ourworldindata.org/grapher/")


@pytest.mark.usefixtures("loads")
def test_a_researcher_reads_the_views_without_the_tables(warehouse_url: URL) -> None:
    with create_engine(warehouse_url.set(username="researcher")).connect() as connection:
        assert connection.execute(text("select count(*) from report.data_quality")).scalar_one() == 4
        assert connection.execute(text("select count(*) from report.rejected_rows")).scalar_one() == 0


@pytest.fixture
def client(warehouse_url: URL, tmp_path: Path) -> TestClient:
    return TestClient(pages(warehouse_url, tmp_path), headers=USER)


@pytest.mark.usefixtures("loads")
def test_the_page_shows_what_needs_attention_first(client: TestClient, warehouse: Engine) -> None:
    with warehouse.begin() as connection:
        connection.execute(text(COPY))
    page = client.get("/quality").text
    rows = re.findall(r'<tr><td class="name">.*?</tr>', page, re.DOTALL)
    assert [("none came" in row, "Our World in Data" in row) for row in rows] == [
        (True, False),
        (False, True),
    ]
    _, row = rows
    assert ">not yet published" in row
    assert ">9 of 12<" in row
    assert ">2019<" in row
    assert ">3<" in row
    assert ">4 loads<" in row
    # The refused load of 2019 was followed by one that waits.
    assert "1 refused" not in row
    assert "1 not yet published" in row
    # A circle shows the rejected rows, and a bar the refused load.
    chart = client.get("/chart/source-loads.csv").content.decode("utf-8-sig")
    drawn = pd.read_csv(io.StringIO(chart), comment="#")
    assert drawn[["first", "state"]].to_numpy().tolist() == [
        ["2018-01-01", "published"],
        ["2019-01-01", "validated"],
        ["2019-01-01", "refused"],
    ]
    assert not re.search(r"(src|href)=\"https?://", page)


def test_after_a_backfill_the_page_shows_the_load_of_the_latest_interval(
    client: TestClient, publisher: Publisher
) -> None:
    publisher.load({"ARE": 1000.5}, year=2019)
    publisher.load({"ARE": 1000.5, "USA": 1000.5}, year=2012)
    page = client.get("/quality").text
    (row,) = re.findall(r'<tr><td class="name">.*?</tr>', page, re.DOTALL)
    assert "Load 1</a>" in row
    assert ">1 of 2<" in row
    assert ">2 loads<" in row


def test_a_source_that_was_never_requested_is_not_overdue(client: TestClient, publisher: Publisher) -> None:
    publisher.load(MANY, fetched_at=TODAY)
    page = client.get("/quality").text
    overdue, _, unused = page.partition("Never requested")
    assert "Open-Meteo, air quality" in unused
    assert "Open-Meteo, air quality" not in overdue
    assert "../dags/ingest_open_meteo_air" in unused


def test_the_page_is_in_three_languages(client: TestClient, publisher: Publisher) -> None:
    publisher.validate(MANY)
    texts = {"en": ("Data quality", "not yet published"), "ru": ("Качество данных", "ещё не опубликована")}
    for language, (heading, state) in {**texts, "zh": ("数据质量", "尚未发布")}.items():
        page = client.get("/quality", params={"language": language}).text
        assert f"<h1>{heading}</h1>" in page
        assert f">{state}" in page


def test_the_page_without_loads_names_the_next_step(client: TestClient) -> None:
    assert "No load yet. Run the ingestion DAGs." in client.get("/quality").text


def test_the_page_requires_a_login(warehouse_url: URL, tmp_path: Path) -> None:
    assert TestClient(pages(warehouse_url, tmp_path)).get("/quality").status_code == 401


def test_the_page_links_to_the_data_docs_of_the_latest_loads(
    client: TestClient, warehouse: Engine, tmp_path: Path, loads: dict[str, int]
) -> None:
    with warehouse.connect() as connection:
        validations = frame(connection, "docs/recent_validations", loads=2)
        rejected = frame(connection, "docs/rejected_rows", loads=2, rows=100)
    build(validations, rejected, Site(tmp_path / "docs"))
    (link,) = re.findall(r'href="(data-docs/loads/[^"]+)"', client.get("/quality").text)
    assert link == f"data-docs/{page_of_load(loads['waiting'])}"
    page = client.get(f"/{link}").text
    assert f"<h1>Load {loads['waiting']}</h1>" in page
    # The page is of this load only, and all its links work.
    assert "2018-01-01" not in page
    suites = re.findall(r'href="\.\./(validations/owid_grapher/(?:rows|gate)/[^"]+)"', page)
    assert len(suites) == 2
    for suite in [*suites, "index.html"]:
        assert client.get(f"/data-docs/{suite}").status_code == 200
    # The site has the given loads, not the complete history.
    assert client.get(f"/data-docs/{page_of_load(loads['earlier_year'])}").status_code == 200
    assert client.get(f"/data-docs/{page_of_load(loads['refused'])}").status_code == 404


def test_data_docs_render_new_loads_and_drop_old_ones(
    warehouse: Engine, loads: dict[str, int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with warehouse.connect() as connection:
        rows = frame(connection, "docs/recent_validations", loads=9)
        rejected = frame(connection, "docs/rejected_rows", loads=9, rows=9)
    former, later = (
        rows[rows["load_id"].isin(list(loads.values())[part])] for part in (slice(3), slice(1, 4))
    )
    rendered: list[int] = []
    render = data_docs._render

    def counted(given: list[dict[Any, Any]], root: Path) -> None:
        rendered.extend(row["load_id"] for row in given)
        render(given, root)

    monkeypatch.setattr(data_docs, "_render", counted)
    site, anew = Site(tmp_path / "site"), Site(tmp_path / "anew")
    build(former, rejected, site)
    rendered.clear()
    build(later, rejected, site)
    assert set(rendered) == {loads["waiting"]}
    build(later, rejected, anew)
    assert site.pages() == anew.pages()
    # Great Expectations numbers the parts of its pages at random.
    ours = [page for page in site.pages() if not page.startswith("validations/")]
    assert {page: site.read(page) for page in ours} == {page: anew.read(page) for page in ours}
    # Another release renders every page.
    rendered.clear()
    monkeypatch.setattr(data_docs, "_release", lambda: b"another")
    build(later, rejected, site)
    assert set(rendered) == set(later["load_id"])
