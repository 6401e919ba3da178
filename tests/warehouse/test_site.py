"""The site of an edition shows what the edition holds, and nothing else."""

import hashlib
import json
import re
from datetime import timedelta
from pathlib import Path
from posixpath import dirname, join, normpath
from urllib.parse import unquote, urldefrag, urlsplit
from xml.etree import ElementTree

import pytest
from sqlalchemy import NullPool, create_engine

from city_indicators.__main__ import main
from city_indicators.delivery.site import single_pages
from city_indicators.delivery.site.folder import Done, write
from city_indicators.ingest import load as ingest
from city_indicators.reports.refresh import refresh
from standalone.postgres import Server
from tests.conftest import new_warehouse
from tests.methods import RESEARCH
from tests.queries import rows
from tests.warehouse.conftest import CATALOGUE, Publisher
from tests.warehouse.documented import HOSTILE, METHOD
from tests.warehouse.sites import EDITION, LANGUAGES, PUBLISHED, Made, built, cells, made_site
from tests.warehouse.test_best_practice_reports import publish_people
from tests.warehouse.test_publish import MANY

ADDRESS = "https://rating.example/2019/"


@pytest.fixture
def made(server: Server) -> Made:
    return made_site(server)


def agrees(cell: str, value: float | None) -> bool:
    """Whether a cell in English shows a value of the warehouse, rounded; a dash stands for none."""
    if value is None:
        return cell == "–"
    (number,) = re.findall(r"^-?[\d,]+(?:\.\d+)?", cell)
    shown = float(number.replace(",", ""))
    return abs(shown - value) <= 0.5 * 10 ** -len(number.partition(".")[2]) + 1e-9


def test_the_first_page_has_the_ranking_in_each_language(made: Made) -> None:
    found = rows(
        made.warehouse,
        "select rank, city_name_en, city_name_ru, city_name_zh, score, rank_p05, rank_p95 "
        "from report.edition_rating where edition = '2019.3' and rank is not null "
        "order by rank, city_name_en",
    )
    assert len(found) > 20
    for place, language in enumerate(LANGUAGES, start=1):
        sign = "," if language == "ru" else "."
        expected = [
            (str(row[0]), row[place], f"{row[4]:.1f}".replace(".", sign), f"{row[5]:.0f}–{row[6]:.0f}")
            for row in found
        ]
        shown = cells(made.page(f"{language}/index.html"))
        assert [(row[0], row[1], row[3], row[4]) for row in shown] == expected


def test_every_number_of_cities_and_indicators_is_that_of_the_edition(made: Made) -> None:
    parts = rows(
        made.warehouse,
        "select value.ref_area, value.indicator, city_name_en, indicator.name_en, raw_value, "
        "raw_time_period, source.name, normalised, value.weight, contribution "
        "from report.edition_rating_indicator as value "
        "join report.edition_rating as city using (rating, edition, ref_area) "
        "join catalog.indicator as indicator on indicator.indicator = value.indicator "
        "left join catalog.source as source on source.source = value.source where edition = '2019.3'",
    )
    of_city = {
        area: {row[0]: row for row in cells(made.page(f"en/city/{area}.html"), "Values of the indicators")}
        for area in {row[0] for row in parts}
    }
    of_indicator = {
        each: {row[0]: row for row in cells(made.page(f"en/indicator/{each}.html"))}
        for each in {row[1] for row in parts}
    }
    compared = 0
    for area, indicator, city, name, value, year, source, points, weight, contribution in parts:
        row = of_city[area][name]
        if value is None:
            assert row[1:7] == ["–"] * 6
            assert city not in of_indicator[indicator]
            continue
        assert of_indicator[indicator][city][2:] == row[1:7]
        assert agrees(row[1], value)
        assert (row[2], row[3].partition(" ÷ ")[0]) == (year, source)
        assert agrees(row[5], points)
        assert agrees(row[6], None if weight is None else 100 * weight)
        assert agrees(row[7], contribution)
        compared += 1
    assert compared > 20


def test_every_number_of_the_pillars_is_that_of_the_edition(made: Made) -> None:
    found = rows(
        made.warehouse,
        "select ref_area, pillar_name_en, score, rank, coverage, weight_effective, contribution "
        "from report.edition_rating_pillar where edition = '2019.3'",
    )
    for area, name, score, rank, coverage, weight, contribution in found:
        (row,) = [each for each in cells(made.page(f"en/city/{area}.html")) if each[0] == name]
        values = (score, rank, 100 * coverage, 100 * weight, contribution)
        assert all(map(agrees, row[1:], values)), (area, name)
    assert len(found) > 20


def test_ranks_of_other_years_are_those_known_to_the_edition(made: Made) -> None:
    found = rows(
        made.warehouse,
        "select ref_area, time_period, one.rank, one.n_ranked, rank_p05, rank_p95, "
        "coalesce(comparable_with_prev, false) from report.rating as one "
        "left join report.rating_history using (rating, ref_area, time_period) "
        "where one.rank is not null and time_period <= '2019' order by ref_area, time_period desc",
    )
    assert {row[1] for row in found} == {"2017", "2018", "2019"}
    assert {row[6] for row in found} == {True, False}
    for area in {row[0] for row in found}:
        shown = cells(made.page(f"en/city/{area}.html"), "Ranks by year")
        assert shown == [
            [year, str(rank), f"{low:.0f}–{high:.0f}", str(ranked), "yes" if comparable else "no"]
            for city, year, rank, ranked, low, high, comparable in found
            if city == area
        ]


def test_a_city_is_placed_among_all_by_its_points(made: Made) -> None:
    """Cities of a country have its value: equal points count half."""
    peers = rows(
        made.warehouse,
        "select array_agg(peer_name_en order by position) from report.city_peer where ref_area = 'moscow'",
    )
    points = rows(
        made.warehouse,
        "select city_name_en, value.normalised from report.edition_rating_indicator as value "
        "join report.edition_rating using (rating, edition, ref_area) "
        "where edition = '2019.3' and value.normalised is not null and indicator = 'ENERGY_PC'",
    )
    of = dict(points)
    page = made.page("en/city/moscow.html")
    (row,) = cells(page, "Share of the other cities with fewer points")
    names = [
        heading.text
        for table in page.iter("table")
        if "fewer points" in table.findtext("caption")
        for heading in table.iter("th")
    ]
    assert names[2:] == [name for name in peers[0][0] if name in of]
    for name, cell in zip(names[1:], row[1:], strict=True):
        fewer = sum(each < of[name] for each in of.values())
        equal = sum(each == of[name] for each in of.values()) - 1
        assert cell == f"{100 * (fewer + equal / 2) / (len(of) - 1):.0f}%", name


def test_values_over_time_are_those_known_to_the_edition(made: Made) -> None:
    (row,) = cells(made.page("en/city/moscow.html"), "Values over time")
    assert row[1:] == [
        "the country",
        *("2017", "20,170 kWh per person"),
        *("2019", "140,000 kWh per person"),
        "3",
    ]


def test_coverage_counts_what_values_rest_on(made: Made) -> None:
    found = rows(
        made.warehouse,
        "select count(*), count(raw_value) from report.edition_rating_indicator "
        "where edition = '2019.3' and indicator = 'ENERGY_PC'",
    )
    page = made.page("en/coverage.html")
    lines = {row[0]: row[1:] for row in cells(page, "Cities by what their value rests on")}
    ((cities, values),) = found
    assert lines["Primary energy consumption per head"] == [
        *("20.0%", "0", "0", str(values), "0", str(cities - values)),
        "0",
    ]
    shares = {row[0]: row[1:] for row in cells(page, "Share of the weight by what the values rest on")}
    assert shares["Moscow"] == ["0%", "0%", "20%", "0%", "80%"]


def test_megatrends_have_the_verdicts_known_to_the_edition(made: Made) -> None:
    found = rows(
        made.warehouse,
        "select megatrend_name_en, group_name_en, places_assessed, places_of_group, places_for, "
        "places_against from report.megatrend where places_assessed > 0",
    )
    assert found
    page = made.page("en/trends.html")
    shown = [
        (*row[:2], *map(int, row[4].split(" of ")), int(row[5]), int(row[6]))
        for table in range(len(page.findall(".//table")) - 1)
        for row in cells(page, table=table)
    ]
    assert sorted(shown) == sorted(found)


def test_two_cities_are_compared(made: Made) -> None:
    page = made.page("en/comparison/moscow_guangzhou.html")
    row = next(each for each in cells(page, "Scores of the pillars") if each[0].startswith("Primary energy"))
    assert row[1:] == ["140,000 kWh per person (2019)", row[2], "not city-level data"]
    assert page.xpath("//nav/a[@aria-current='page']")[0].text == "Comparison"


def test_best_practices_have_the_evidence_known_to_the_edition(made: Made) -> None:
    ((did, verdict, peers),) = rows(
        made.warehouse,
        "select did, verdict, peers from report.edition_best_practice_evidence where edition = '2019.3'",
    )
    listed = cells(made.page("en/practices.html"))
    assert [row[:4] for row in listed] == [
        ["Clean lorries", "Moscow", "2015", "Winner, 6th cycle, 2023"],
        ["Winner, 5th cycle, 2020", "Tula", "–", "Winner, 5th cycle, 2020"],
    ]
    assert verdict == "better_than_peers"
    assert [row[5] for row in listed] == ["improved relative to its peers, beyond chance", "–"]
    page = made.page("en/practice/moscow-air.html")
    (change,) = [row for row in cells(page, "before and after the start") if row[0].startswith("Difference")]
    assert agrees(change[3], did)
    assert f"{peers} peers" in page.text_content()
    assert page.xpath("//a[@href='https://example.org/air']")
    assert b"example.org/award" in made.files["zh/practice/award-tula.html"]


def test_every_link_of_every_page_resolves(made: Made) -> None:
    """Relative addresses only, to files and anchors that exist; other sites are only linked to."""
    pages = {path: made.page(path) for path in made.files if path.endswith(".html")}
    pages = {path: page for path, page in pages.items() if not path.startswith("documents/")}
    anchors = {path: set(page.xpath("//@id")) for path, page in pages.items()}
    broken, loaded = [], set()
    for path, page in pages.items():
        for element, attribute, address, _ in page.iterlinks():
            parts = urlsplit(address)
            if parts.scheme:
                assert (element.tag, attribute) == ("a", "href"), address
                continue
            target, anchor = urldefrag(address)
            file = normpath(join(dirname(path), unquote(target))) if target else path
            if file not in made.files or (anchor and anchor not in anchors[file]):
                broken.append((path, address))
            if element.tag in ("script", "link"):
                loaded.add(file)
    assert broken == []
    assert len(pages) > 100
    assert {file for file in loaded if not file.endswith(".html")} == {
        path for path in made.files if path.startswith("static/")
    }


def test_every_page_is_reached_without_a_script(made: Made) -> None:
    for language in LANGUAGES:
        page = made.page(f"{language}/pages.html")
        listed = {link.get("href") for link in page.iterfind(".//main//li/a")}
        pages = {
            path.removeprefix(f"{language}/")
            for path in made.files
            if path.startswith(f"{language}/") and "/chart/" not in path
        }
        assert pages - {"pages.html"} == listed


def test_each_page_has_citation_licence_languages_and_a_policy(made: Made) -> None:
    ((citation,),) = rows(made.warehouse, "select citation from report.edition where edition = '2019.3'")
    for path in made.files:
        if not re.match("(en|ru|zh)/", path):
            continue
        page = made.page(path)
        (policy,) = page.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
        assert policy.startswith("default-src 'none'; script-src 'self';")
        (foot,) = page.xpath("//footer")
        assert citation in foot.text_content()
        assert foot.xpath(".//a[contains(@href, 'sources.html')]")
        inline = page.xpath("//script[not(@src)]/@type")
        assert set(inline) <= {"application/json", "application/ld+json"}
        if "/chart/" not in path:
            others = page.xpath("//span[@class='languages']/a/@hreflang")
            assert others == list(LANGUAGES)


def test_a_title_is_a_text(made: Made) -> None:
    for path, content in made.files.items():
        if path.endswith(".html") and not path.startswith("documents/"):
            assert b"<script>alert" not in content, path
    (text,) = made.page("en/index.html").xpath("//script[@type='application/ld+json']/text()")
    dataset = json.loads(text)
    assert (dataset["@type"], dataset["name"], dataset["version"]) == ("Dataset", HOSTILE, EDITION)
    assert "Moscow" in {place["name"] for place in dataset["spatialCoverage"]}
    files = {normpath(join("en", each["contentUrl"])) for each in dataset["distribution"]}
    assert files <= made.files.keys()
    assert f"data/{METHOD.id}-{EDITION}.zip" in files


def test_the_data_and_documents_are_those_of_the_edition(made: Made) -> None:
    package = json.loads(made.files["data/datapackage.json"])
    for resource in package["resources"]:
        table = resource["name"]
        ((number,),) = rows(
            made.warehouse,
            f"select count(*) from report.{table} where edition = '2019.3'",  # noqa: S608
        )
        assert made.files[f"data/{resource['path']}"].count(b"\n") == number + 1
    assert package["version"] == EDITION
    kept = rows(
        made.warehouse,
        "select language, document_format, sha256 from archive.document where edition = '2019.3'",
    )
    assert len(kept) == 9
    for language, kind, sha256 in kept:
        path = f"documents/climate_world-{EDITION}.{language}.{kind}"
        assert hashlib.sha256(made.files[path]).hexdigest() == sha256
        assert made.page("ru/downloads.html").xpath(f"//a[@href='../{path}']")


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sites without pages of cities and indicators, which take most of the time."""
    for name in ("cities", "indicators"):
        monkeypatch.setattr(single_pages, name, lambda _: iter(()))


@pytest.mark.usefixtures("few")
def test_an_address_adds_a_sitemap_and_canonical_addresses(made: Made) -> None:
    assert "sitemap.xml" not in made.files
    files = built(made.warehouse, made.archive, ADDRESS)
    named = {element.text for element in ElementTree.fromstring(files["sitemap.xml"]).iter() if element.text}  # noqa: S314
    pages = {path for path in files if re.match("(en|ru|zh)/", path)}
    listed = {ADDRESS + path for path in pages if "/chart/" not in path and not path.endswith("/pages.html")}
    assert listed <= named
    assert f'<link rel="canonical" href="{ADDRESS}ru/trends.html">'.encode() in files["ru/trends.html"]
    assert files["static/site.js"] == made.files["static/site.js"]


@pytest.mark.usefixtures("few")
def test_the_command_writes_a_site_once_and_refuses_a_folder_of_others(
    made: Made, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("city_indicators.__main__._archive", lambda: made.archive)
    url = made.warehouse.url.render_as_string(hide_password=False)
    out = tmp_path / "out"
    given = ["site", "--rating", METHOD.id, "--warehouse", url, "--out", str(out), "--edition"]
    assert main([*given, EDITION]) == 0
    assert re.fullmatch(
        rf"{out}: (\d+) files; \1 written, 0 removed, others unchanged\n", capsys.readouterr().out
    )
    with monkeypatch.context() as patched:
        # The same edition, names, documents and code: nothing is made.
        patched.setattr("city_indicators.delivery.site.build.build", None)
        assert main([*given, EDITION]) == 0
        assert "nothing to do" in capsys.readouterr().out
    (out / "en/index.html").write_text("damaged")
    assert main([*given, EDITION]) == 0
    assert " files; 1 written, 0 removed" in capsys.readouterr().out
    assert main([*given, "1999.1"]) == 2
    assert "there is no such edition. Next step" in capsys.readouterr().err
    (out / "site-files.json").unlink()
    assert main([*given, EDITION]) == 2
    assert "it has files, but no site-files.json. Next step: name an empty" in capsys.readouterr().err


def test_later_data_change_no_byte_and_nothing_is_written_again(
    made: Made, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Later values give other ranks, similar cities and series than those that the edition knew."""
    made.warehouse.dispose()
    with new_warehouse(server, str(made.warehouse.url.database)) as url:
        warehouse, later = create_engine(url, poolclass=NullPool), PUBLISHED + timedelta(days=1)
        publisher = Publisher(warehouse, tmp_path)
        monkeypatch.setattr(
            publisher,
            "publish",
            lambda load_id: ingest.publish_load(load_id, publisher.staging, warehouse, lambda: later),
        )
        peers = "select peer_ref_area from report.city_peer where ref_area = 'moscow' order by position"
        ranks = "select rank from report.rating where ref_area = 'moscow' order by time_period"
        before = [rows(warehouse, query) for query in (peers, ranks)]
        for year in (2018, 2019):
            publisher.publish(publisher.validate({**MANY, "RUS": 700}, year, fetched_at=later))
        publish_people(publisher, 2014, sorted(CATALOGUE.cities))
        refresh(warehouse, {METHOD.id: METHOD}, RESEARCH, later)
        after = [rows(warehouse, query) for query in (peers, ranks)]
        assert all(one != other for one, other in zip(before, after, strict=True))
        again = built(warehouse, made.archive)
    assert {path for path in again if again[path] != made.files.get(path)} == set()
    assert again.keys() == made.files.keys()
    assert write(made.folder, again, "inputs") == Done(written=0, removed=0)
