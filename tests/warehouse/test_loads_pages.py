"""The pages Loads and a load: what was changed, what would be changed, and what waits for a person."""

import html
import io
import re
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import URL, create_engine, text

from city_indicators.core.archive import Archive
from city_indicators.delivery.web import loads as module
from city_indicators.delivery.web.load_changes import changes_of
from city_indicators.delivery.web.loads import load_of
from standalone.postgres import Server
from tests.conftest import new_warehouse
from tests.warehouse.conftest import NOON, Publisher
from tests.warehouse.pages import USER, links, pages
from tests.warehouse.test_publish import MANY

WITHOUT_RUSSIA = {code: value for code, value in MANY.items() if code != "RUS"}
FEW: dict[str, object] = {"ARE": MANY["ARE"]}
FAILURE = """
    insert into ops.task_failure
    select dag_id, run_id, 'publish', validated_at + interval '1 day', 'GateRefusedError' from ops.load
    where load_id = 3
"""


class Desk:
    """A warehouse, its archive and its pages.

    Loads of one indicator in 2019: 1 adds 12 values; 2 revises one, adds one and withdraws that of Russia;
    3 is refused; 4 is of 2018, has three rejected rows and is not published.
    """

    def __init__(self, url: URL, folder: Path) -> None:
        self.warehouse = create_engine(url)
        self.folder = folder
        (folder / "archive" / "staged").mkdir(parents=True)
        (folder / "staged").symlink_to(folder / "archive" / "staged")
        self.publisher = Publisher(self.warehouse, folder)
        self.client = TestClient(pages(url, folder), headers=USER)

    def read(self, path: str, status: int = 200, **parameters: object) -> str:
        chosen = {key: str(value) for key, value in parameters.items()}
        answer = self.client.get(path, params=chosen or None)
        assert answer.status_code == status, answer.text
        return html.unescape(answer.content.decode("utf-8-sig"))

    def run(self, statement: str) -> None:
        with self.warehouse.begin() as connection:
            connection.execute(text(statement))


@pytest.fixture(scope="module")
def desk(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with new_warehouse(server) as url:
        made = Desk(url, tmp_path_factory.mktemp("loads"))
        made.publisher.load(MANY)
        made.publisher.load({**WITHOUT_RUSSIA, "ARE": 500.25, "USA": 2000})
        made.publisher.validate(FEW)
        made.publisher.validate({**MANY, "RUS": "<b>ten</b>", "BRA": 7_000_000, "CHN": -1}, year=2018)
        yield made
        made.warehouse.dispose()


def cells(page: str) -> list[list[str]]:
    """The texts of the cells of all rows of tables."""
    found = re.findall(r"<tr>(.*?)</tr>", page, re.DOTALL)
    return [
        [re.sub(r"<[^>]+>", " ", cell).strip() for cell in re.findall(r"<td[^>]*>(.*?)</td>", row, re.DOTALL)]
        for row in found
    ]


def counts(desk: Desk, load_id: int) -> dict[str, int]:
    """The observations of a load by outcome, as its page has them."""
    with desk.warehouse.connect() as connection:
        return changes_of(
            connection, Archive(desk.folder / "archive"), load_of(connection, load_id), 500
        ).counts


def test_the_changes_shown_before_a_publication_are_those_it_makes(
    warehouse_url: URL, tmp_path: Path
) -> None:
    desk = Desk(warehouse_url, tmp_path)

    def foreseen(values: dict[str, object], **when: Any) -> dict[str, int]:
        load_id = desk.publisher.validate(values, **when)
        found = counts(desk, load_id)
        # A steward accepts what the gate refused.
        desk.run("update ops.load set state = 'validated' where state = 'refused'")
        assert found == desk.publisher.publish(load_id).to_json()
        return found

    assert foreseen(MANY)["added"] == 12
    changed = {**WITHOUT_RUSSIA, "ARE": 5, "BRA": "about ten"}
    assert foreseen(changed) == {"added": 0, "revised": 1, "withdrawn": 1, "unchanged": 9, "outdated": 0}
    assert foreseen(MANY) == {"added": 1, "revised": 1, "withdrawn": 0, "unchanged": 10, "outdated": 0}
    # What was fetched before the latest load changes nothing, even where nothing is stored.
    older = foreseen({**WITHOUT_RUSSIA, "ARE": 7, "USA": 8}, fetched_at=NOON - timedelta(days=1))
    assert older == {"added": 0, "revised": 0, "withdrawn": 0, "unchanged": 10, "outdated": 2}


def test_a_published_load_shows_its_values_before_and_after(desk: Desk) -> None:
    page = desk.read("/loads/2")
    rows = [row for row in cells(page) if row and row[0] in ("Withdrawn", "Revised", "Added")]
    assert [(row[0], *row[2:7]) for row in rows] == [
        ("Withdrawn", "Russia", "2019", "1011.5", "–", "–"),
        ("Revised", "United Arab Emirates", "2019", "1000.5", "500.25", "-50.0%"),
        ("Added", "United States", "2019", "–", "2000", "–"),
    ]
    assert {(row[1], row[7]) for row in rows} == {("Primary energy consumption per head", "kWh per person")}
    leading = [link for link in links(page, "/loads/2") if link.startswith("/lineage/")]
    assert len(leading) == 2
    for link in leading:
        assert "Where this value comes from" in desk.read(link)
    csv = desk.read("/chart/revised-values.csv", load=2, indicator="ENERGY_PC")
    points = pd.read_csv(io.StringIO(csv), comment="#").drop(columns="year")
    assert points.to_numpy().tolist() == [["United Arab Emirates", 1000.5, 500.25]]


def test_a_refused_load_says_why_what_it_would_change_and_who_decides(desk: Desk) -> None:
    page = desk.read("/loads/3")
    assert "11 of 12 stored observations" in page
    # Only the United Arab Emirates come, as they were before load 2.
    assert ["11", "1", "0", "0", "0"] in cells(page)
    assert page.count("<td>Withdrawn</td>") == 11
    (action,) = [link for link in links(page, "/city-indicators/loads/3") if "required_actions" in link]
    assert action.startswith("/dags/ingest_owid_grapher/runs/test%202026-01-01T12")
    overview = desk.read("/overview")
    assert "A refused load waits for a decision" in overview
    assert "/loads/3?language=en" in links(overview, "/overview")
    desk.run(FAILURE)
    assert "runs/test%20" not in "".join(re.findall("href=.[^>]+required_actions", desk.read("/loads/3")))
    assert "A refused load waits for a decision" not in desk.read("/overview")


def rejected(page: str) -> list[tuple[str, str]]:
    """Rule and place of the rejected rows."""
    rules = {"plausible_range", "value_is_number"}
    found = ((row[0].rpartition(" ")[2], row[3]) for row in cells(page) if len(row) > 3)
    return [(rule, place) for rule, place in found if rule in rules]


def test_rejected_rows_are_browsed_by_rule(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    page = desk.read("/loads/4", rule="plausible_range")
    assert rejected(page) == [("plausible_range", "Brazil"), ("plausible_range", "China")]
    assert "the value is within the plausible range <code" in page
    monkeypatch.setattr(module, "A_PAGE", 2)
    both = [desk.read("/loads/4", page=number) for number in (1, 2)]
    found = [place for page in both for _, place in rejected(page)]
    assert sorted(found) == ["Brazil", "China", "Russia"]
    assert "Page 2 of 2" in both[1]
    assert "Next step: choose one of" in desk.read("/loads/4", 404, rule="x")
    assert "Next step: open page 1" in desk.read("/loads/4", 404, page=3)


def test_the_ledger_is_filtered_and_paged(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "A_PAGE", 2)
    page = desk.read("/loads")
    assert "4 loads" in page
    assert "Page 1 of 2" in page
    # There are no Data Docs, so no load has a link to them.
    assert "data-docs/loads" not in page
    assert listed(page) == ["4", "3"]
    older = "/loads?source=&state=&page=2&language=en"
    assert older in links(page, "/loads")
    second = desk.read(older)
    assert listed(second) == ["2", "1"]
    assert next(row for row in cells(second) if row)[3:10] == ["12", "12", "0", "1", "1", "1", "10"]
    assert listed(desk.read("/loads", state="refused")) == ["3"]
    assert listed(desk.read("/loads", source="owid_grapher", state="validated")) == ["4"]
    for wrong in ({"source": "world_bank"}, {"state": "lost"}, {"page": 9}):
        assert "Next step" in desk.read("/loads", 404, **wrong)
    assert "Next step: choose one in Loads" in desk.read("/loads/99", 404)


def listed(page: str) -> list[str]:
    return [row[0] for row in cells(page) if row]


def test_without_its_staged_file_a_load_says_so(desk: Desk) -> None:
    """The last test: it takes the files away."""
    for staged in (desk.folder / "staged").rglob("*.parquet"):
        staged.write_bytes(b"other rows")
    assert "not the one that was validated" in desk.read("/loads/4")
    shutil.rmtree(desk.folder / "archive" / "staged")
    assert "no longer in the staging folder" in desk.read("/loads/4")
