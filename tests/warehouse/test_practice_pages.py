"""Pages of best practices: the list, a case with its evidence, and cases for a city's weak indicators."""

import html
import io
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from urllib.parse import urlencode

import pandas as pd
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import URL, create_engine

from city_indicators.core.archive import Archive
from city_indicators.core.snapshots import Answer
from city_indicators.intake.best_practices.publish import publish
from city_indicators.intake.best_practices.read import read
from city_indicators.reports.refresh import refresh
from city_indicators.warehouse.ledger import Run
from standalone.postgres import Server
from tests.conftest import new_warehouse
from tests.methods import RESEARCH
from tests.warehouse.conftest import CATALOGUE, NOON, Publisher
from tests.warehouse.pages import PREFIX, links, mounted
from tests.warehouse.test_best_practice_reports import AIR, CODE_LISTS, HEADER, publish_air

AWARD = "award-tula,Tula,RUS,,5,winner,,,,,,,https://example.org/award"
HOSTILE = "berlin-trees,Berlin,DEU,<script>alert(1)</script>,,,,,11,,2010,,https://example.org/trees"
AT = datetime(2026, 2, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def client(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """The air improved by 4 in Moscow, after its case began, and by 9 in Shanghai, one of its 19 peers."""
    folder = tmp_path_factory.mktemp("practices")
    with new_warehouse(server) as url:
        yield opened(url, folder)


def opened(url: URL, folder: Path) -> TestClient:
    engine = create_engine(url)
    body = "\n".join([HEADER, AIR, AWARD, HOSTILE]).encode()
    snapshot = Archive(folder / "archive").store(
        "best_practice_cases", Answer("file:///inbox/cases/c.csv", body, "text/csv", None, None), NOON
    )
    with engine.begin() as connection:
        run = Run("receive_best_practices", "run")
        reading = read(body, "c.csv", CODE_LISTS, date(2026, 1, 1))
        assert publish(connection, snapshot, run, reading, 85, lambda: NOON).refused == ()
    publish_air(Publisher(engine, folder))
    refresh(engine, {}, RESEARCH, AT)
    engine.dispose()
    return mounted(url, folder)


def page(client: TestClient, path: str, **parameters: str) -> str:
    answer = client.get(f"{PREFIX}/{path}?{urlencode(parameters)}")
    assert answer.status_code == 200, answer.text
    return str(answer.text)


def cases(text: str) -> list[str]:
    return re.findall(r'href="best-practices/([\w-]+)\?', text)


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        ({}, ["moscow-air", "award-tula", "berlin-trees"]),
        # In a word of each language, in any order of words and in any case.
        ({"search": "LORRIES москва"}, ["moscow-air"]),
        ({"search": "окружающая"}, ["moscow-air"]),
        ({"search": "获奖 tula"}, ["award-tula"]),
        ({"search": "100%"}, []),
        ({"city": "moscow"}, ["moscow-air"]),
        ({"field": "environment"}, ["moscow-air"]),
        ({"sdg": "13"}, ["moscow-air"]),
        ({"year": "2010"}, ["berlin-trees"]),
        ({"award": "5"}, ["award-tula"]),
        ({"award": "any"}, ["moscow-air", "award-tula"]),
        ({"award": "any", "year": "2010"}, []),
    ],
)
def test_lists_the_cases_that_meet_all_conditions(
    client: TestClient, chosen: dict[str, str], expected: list[str]
) -> None:
    text = page(client, "best-practices", **chosen)
    assert cases(text) == expected
    assert ("No case meets these conditions." in text) == (not expected)


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("best-practices?year=1900", "no best practice has year '1900'. Next step:"),
        ("best-practices?city=atlantis", "no best practice has city 'atlantis'. Next step:"),
        ("best-practices?problem_of=atlantis", "there is no city 'atlantis'. Next step:"),
        ("best-practices/nothing", "there is no best practice 'nothing'. Next step:"),
        ("cities?country=ATL", "no city is of the country 'ATL'. Next step:"),
        ("chart/case-evidence.json?case=berlin-trees", "has no values. Next step:"),
    ],
)
def test_what_there_is_not_is_not_found(client: TestClient, path: str, message: str) -> None:
    answer = client.get(f"{PREFIX}/{path}")
    assert (answer.status_code, message in answer.text) == (404, True), answer.text


def test_a_case_shows_its_evidence_and_where_it_comes_from(client: TestClient) -> None:
    text = page(client, "best-practices/moscow-air", language="ru")
    plain = re.sub(r"<[^>]+>", "", html.unescape(text))
    assert '<span lang="en">Clean lorries</span>' in text
    assert "Борьба с изменением климата" in plain
    assert 'href="https://example.org/air"' in text
    # Before, after and the change, of the city and then of its peers.
    differences = [float(each.replace(",", ".")) for each in re.findall(r'title="(-?[\d.]+)"', text)]
    assert differences[2] == pytest.approx(-4)
    assert differences[5] == pytest.approx(-9 / 19)
    english = re.sub(r"<[^>]+>", "", page(client, "best-practices/moscow-air"))
    assert "The city changed by -4 and its peers by -0.474 (µg/m³). The difference is -3.53;" in english
    assert "10% of the city and its peers differ at least as much" in english
    leads = [link for link in links(text, f"{PREFIX}/best-practices/x") if "/lineage/best_practice" in link]
    assert client.get(leads[0]).status_code == 200
    assert "c.csv, " in plain


def test_the_placebo_chart_agrees_with_the_table(client: TestClient) -> None:
    answer = client.get(f"{PREFIX}/chart/case-placebos.csv?case=moscow-air")
    found = pd.read_csv(io.StringIO(answer.content.decode("utf-8-sig")), comment="#")
    assert len(found) == 20
    assert found.loc[found["kind"].eq("city"), "difference"].item() == pytest.approx(-4 + 9 / 19)
    assert found.loc[found["kind"].eq("peer"), "difference"].min() == pytest.approx(-9)


def test_a_case_without_a_title_or_evidence_says_so(client: TestClient) -> None:
    text = page(client, "best-practices/award-tula", language="zh")
    assert "<title>获奖, " in text
    assert "There is no evidence to compute" in page(client, "best-practices/award-tula")
    assert "data-chart" not in text


def test_texts_of_a_case_are_escaped(client: TestClient) -> None:
    for path in ("best-practices", "best-practices/berlin-trees", "city/berlin"):
        text = page(client, path)
        assert "&lt;script&gt;alert(1)" in text
        assert "<script>alert" not in text


def test_weak_indicators_lead_to_cases_of_other_cities(client: TestClient) -> None:
    """The air gets worse along the catalogue: it is worst in the last city, and good in Moscow."""
    last = list(CATALOGUE.cities)[-1]
    worst = page(client, "best-practices", problem_of=last)
    assert cases(worst) == ["moscow-air"]
    assert "47 of 47" in worst
    assert "improved relative to its peers, beyond chance" in worst
    moscow = page(client, "best-practices", problem_of="moscow")
    assert "The city has no weak indicator in this sense." in moscow
