"""The page Overview, and the chart of an edition."""

import html
import io
import re
from collections.abc import Iterator

import pandas as pd
import pytest
from fastapi.testclient import TestClient

from city_indicators.delivery.web.pages import Proposal
from standalone.postgres import Server
from tests.warehouse.pages import PREFIX, USER, links, pages
from tests.warehouse.site import Site, opened


@pytest.fixture(scope="module")
def site(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The site of these tests."""
    with opened(server, tmp_path_factory.mktemp("overview")) as made:
        yield made


def plain(page: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


def test_it_shows_what_the_warehouse_holds_and_what_moved(site: Site) -> None:
    page = plain(site.page("/overview"))
    held = site.value("select count(*) from core.observation")
    assert f"{held} values 1 indicator 2 sources 48 cities 28 countries 2019–2019 years" in page
    leader = site.value("select city_name_en from report.rating where rank = 1 order by city_name_en limit 1")
    assert re.search(rf"Rank City Score Year before 1 {leader} \S+ –", page)
    moved = site.value("""
        select count(*) from report.edition_diff
        where rank_as_published <> rank_today or round((score_today - score_as_published)::numeric, 1) <> 0
    """)
    assert moved > 0
    assert re.search(rf"Edition 2019.1 : {moved} (city has|cities have) moved since\.", page)


def test_an_edition_that_waits_for_approval_leads_to_its_required_action(site: Site) -> None:
    proposal = Proposal("climate_first", "The <first> one", 2019, "publish_edition", "manual__1")
    app = pages(site.url, site.folder, proposals=(proposal,))
    client = TestClient(app, headers=USER)
    for path in ("/overview", "/editions"):
        answer = client.get(path)
        (row,) = re.findall(r"<(?:li|p)><b>An edition waits for approval</b>.*", answer.text)
        assert plain(row).startswith("An edition waits for approval : The <first> one (")
        assert "2019)" in plain(row)
        action = "/dags/publish_edition/runs/manual__1/required_actions?response_received=false"
        assert action in links(row, f"{PREFIX}{path}")
        assert "An edition waits" not in site.page(path)


def test_its_links_lead_somewhere(site: Site) -> None:
    found = [link for link in links(site.page("/overview"), f"{PREFIX}/overview") if link.startswith(PREFIX)]
    assert len(found) > 20
    for link in {link.partition("?")[0]: link for link in found}.values():
        assert site.get(link.removeprefix(PREFIX)).status_code == 200, link


def test_an_edition_is_drawn_beside_today(site: Site) -> None:
    csv = site.get("/chart/edition.csv?rating=climate_first&edition=2019.1").content.decode("utf-8-sig")
    drawn = pd.read_csv(io.StringIO(csv), comment="#").set_index("city")
    moscow = drawn.loc["Moscow"]
    # 10 + 90 × (150000 - x) / (150000 - 600), from 60000.5 to 50000 kWh per head.
    assert moscow["published"] == pytest.approx(10 + 90 * 89_999.5 / 149_400)
    assert moscow["change"] == pytest.approx(moscow["today"] - moscow["published"])
    assert moscow["change"] != 0
    assert site.get("/chart/edition.csv?rating=climate_first&edition=1900.1").status_code == 404
