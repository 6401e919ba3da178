"""The page Backfill plan: the list of plans, and what each would request and change."""

import io
import re
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch

import pandas as pd
import pytest
from sqlalchemy import URL

from city_indicators.delivery.web import backfill_plans as module
from city_indicators.ingest import load as ingest
from city_indicators.ingest.backfill.collect import Collected, Unreadable
from city_indicators.ingest.replay import Batch
from city_indicators.warehouse.ledger import Run
from standalone.postgres import Server
from tests.conftest import new_warehouse
from tests.ingest.backfill import test_plan as by_hand
from tests.warehouse.conftest import NOON
from tests.warehouse.pages import links
from tests.warehouse.plans import planned, recorded
from tests.warehouse.test_backfill_record import READ_EARLIER, WITHOUT_RANGE
from tests.warehouse.test_loads_pages import Desk, cells, listed
from tests.warehouse.test_replay import MANY, TOO_MUCH

HOSTILE = "<script>alert(1)</script>"


@pytest.fixture(scope="module")
def desk(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """Loads 1 of 2018, read by earlier declarations, and 2 of 2019, which is current; and three plans.

    1 is a dry run for 2018 to 2020, 2 starts the backfill of 2019, 3 is of a metered source.
    """
    with new_warehouse(server) as url:
        made = Desk(url, tmp_path_factory.mktemp("plans"))
        made.publisher.load({**MANY, "RUS": TOO_MUCH}, year=2018)
        with patch.object(ingest, "load_rules", lambda: WITHOUT_RANGE):
            made.publisher.load(MANY, year=2019)
        made.run("update ops.load set revision = 'ETag:1'")
        made.run(READ_EARLIER)
        recorded(made.publisher, planned(made.publisher, rules=WITHOUT_RANGE))
        recorded(
            made.publisher,
            planned(made.publisher, 2019, 2019, WITHOUT_RANGE),
            Run("plan_backfill", "b"),
            dry_run=False,
        )
        lost = Unreadable(Batch(1, by_hand.year(2018), NOON, None), HOSTILE)
        metered = Collected(by_hand.planned("open_meteo_archive", [2018, 2019]), (), (lost,))
        recorded(made.publisher, metered, Run("plan_backfill", HOSTILE))
        yield made
        made.warehouse.dispose()


def test_the_list_has_the_newest_plan_first_and_is_paged(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "A_PAGE", 2)
    page = desk.read("/backfill-plan")
    assert "3 plans" in page
    assert listed(page) == ["3", "2"]
    # The account allows one of the six requests a minute, the first at once.
    assert next(row for row in cells(page) if row)[2:] == ["2", "0", "0", "6", "5 mins"]
    older = "/backfill-plan?page=2&language=en"
    assert older in links(page, "/backfill-plan")
    second = desk.read(older)
    assert next(row for row in cells(second) if row)[2:] == ["1", "1", "1", "15", "–"]
    assert "dry run" in second
    assert "Next step: open page 1" in desk.read("/backfill-plan", 404, page=9)


def test_a_plan_has_its_cost_its_intervals_and_what_a_replay_would_change(desk: Desk) -> None:
    page = desk.read("/backfill-plan/1")
    found = [row for row in cells(page) if row]
    assert found == [
        ["If the source still serves what is loaded", "13", "no rate limit"],
        ["If everything must be fetched", "15", "no rate limit"],
        ["2018", "Replay", "1", "1 Jan 2026", "11", "5"],
        ["2019", "Nothing", "2", "1 Jan 2026", "12", "5"],
        ["2020", "Fetch", "–", "–", "0", "5"],
        ["1", "2018", "1 Jan 2026", "12", "1", "0", "0", "11", "0", "passes"],
        ["the value is within the plausible range  plausible_range", "1", "0", "1", "0"],
    ]
    assert "declarations, rules and code of the plan, so that a replay changes nothing" in page
    leading = links(page, "/city-indicators/backfill-plan/1")
    assert {f"/city-indicators/loads/{load}?language=en" for load in (1, 2)} <= set(leading)
    assert "/dags/plan_backfill/runs/manual__2026-01-03T12%3A00%3A00%2B00%3A00" in leading
    csv = desk.read("/chart/backfill-plan.csv", plan=1)
    assert "# Backfill plan 1: Our World in Data" in csv
    bars = pd.read_csv(io.StringIO(csv), comment="#")
    assert bars["action"].tolist() == ["replay", "nothing", "fetch"]
    assert (bars["last"].iloc[0], bars["observations"].tolist()) == ("2019-01-01", [11, 12, 0])


def test_the_next_step_depends_on_the_form_and_on_what_is_left_to_do(desk: Desk) -> None:
    dry = desk.read("/backfill-plan/1")
    form = '{"source": "owid_grapher", "from": "2018-01-01", "to": "2020-01-01", "reprocess": "failed", '
    assert f"""airflow dags trigger plan_backfill --conf '{form}"dry_run": false}}'""" in dry
    assert "trigger replay_rejected" in dry
    assert "Every run will be skipped" not in dry
    started = desk.read("/backfill-plan/2")
    assert "Every run will be skipped unless the source has changed" in started
    assert "airflow backfill create --dag-id ingest_owid_grapher --from-date 2019-01-01 " in started
    assert "/dags/ingest_owid_grapher/backfills" in links(started, "/city-indicators/backfill-plan/2")
    assert "dags trigger" not in started


def test_a_metered_source_has_calls_and_what_cannot_be_read_says_why(desk: Desk) -> None:
    page = desk.read("/backfill-plan/3")
    assert ["If everything must be fetched", "6", "2503", "5 mins"] in cells(page)
    assert "600 in 1 min, 5000 in 1 hr, 10,000 in 1 day, 0 of them used" in page
    assert "What the archive has can be loaded" not in page


def test_texts_of_others_are_escaped(desk: Desk) -> None:
    answer = desk.client.get("/backfill-plan/3")
    assert HOSTILE not in answer.text
    assert answer.text.count("&lt;script&gt;alert(1)&lt;/script&gt;") == 2
    assert "runs/%3Cscript%3E" in desk.client.get("/backfill-plan").text


@pytest.mark.parametrize(
    ("language", "texts"),
    [
        ("en", ["Backfill plan 1: ", "What is left to do", "no rate limit", "Every run will be skipped"]),
        (
            "ru",
            ["План дозагрузки 1: ", "Что осталось сделать", "без ограничения", "Все запуски будут пропущены"],
        ),
        ("zh", ["回填计划1：", "待完成的工作", "无速率限制", "所有运行都将被跳过"]),
    ],
)
def test_the_pages_have_three_languages(desk: Desk, language: str, texts: list[str]) -> None:
    pages = [desk.read(f"/backfill-plan/{number}", language=language) for number in (1, 2)]
    *of_first, of_second = texts
    assert [text for text in of_first if text not in pages[0]] == []
    assert of_second in pages[1]
    linked = [link for link in links(pages[0], "/backfill-plan/1") if "language=" in link]
    assert {re.findall("language=(..)", link)[0] for link in linked} == {language}


def test_there_is_no_such_plan(desk: Desk) -> None:
    assert "there is no backfill plan 99. Next step: choose one" in desk.read("/backfill-plan/99", 404)
    for number in ("99", "x"):
        assert "Next step" in desk.read("/chart/backfill-plan.csv", 404, plan=number)


def test_without_a_plan_the_page_says_what_to_run(warehouse_url: URL, tmp_path: Path) -> None:
    page = Desk(warehouse_url, tmp_path).read("/backfill-plan")
    assert "trigger plan_backfill" in page
    assert "/dags/plan_backfill" in links(page, "/city-indicators/backfill-plan")
    assert cells(page) == []


def test_a_browser_gets_the_list_again_when_something_was_planned(desk: Desk) -> None:
    tag = desk.client.get("/backfill-plan").headers["etag"]
    same = {"If-None-Match": tag}
    assert desk.client.get("/backfill-plan", headers=same).status_code == 304
    later = (
        "update ops.backfill_plan set planned_at = planned_at + interval '1 day' where backfill_plan_id = 3"
    )
    desk.run(later)
    assert desk.client.get("/backfill-plan", headers=same).status_code == 200
