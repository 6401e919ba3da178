"""The site of an edition shows what the edition holds, needs nothing else, and works in a real browser."""

import hashlib
import json
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from posixpath import dirname, join, normpath
from shutil import copytree
from typing import Any
from urllib.parse import unquote, urldefrag, urlsplit
from xml.etree import ElementTree

import pytest
from axe_playwright_python.sync_playwright import Axe
from lxml import html
from playwright.sync_api import Browser, expect

from city_indicators.__main__ import main
from city_indicators.core.archive import Archive
from city_indicators.delivery.documents.declaration import SHARED
from city_indicators.delivery.documents.keep import keep
from city_indicators.delivery.exports.tables import reading
from city_indicators.delivery.site.build import build
from city_indicators.delivery.site.folder import Done, write
from standalone.postgres import Server
from tests.browser.visits import PHONE, WIDE, Reader, chromium
from tests.queries import rows
from tests.warehouse.documented import AT, HOSTILE, METHOD, Desk, declare, opened

LANGUAGES = ("en", "ru", "zh")
EDITION = "2019.2"
ADDRESS = "https://rating.example/2019/"
KINDS = (
    "index.html",
    "city/moscow.html",
    "indicator/ENERGY_PC.html",
    "method.html",
    "sources.html",
    "downloads.html",
    "pages.html",
    "chart/ranking.html",
)
"""A page of each kind."""


@dataclass(frozen=True)
class Made:
    """The files of the site, in memory and in a folder."""

    desk: Desk
    archive: Archive
    files: dict[str, bytes]
    folder: Path

    def page(self, path: str) -> Any:
        return html.fromstring(self.files[path])


@pytest.fixture(scope="module")
def made(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Made]:
    folder = tmp_path_factory.mktemp("site")
    with opened(server, folder) as desk:
        archive = Archive(folder / "archive")
        only = folder / "kept"
        only.mkdir()
        copytree(desk.folder / SHARED, only / SHARED)
        declare(only, "climate_world", "sources")
        keep(desk.warehouse, archive, METHOD.id, EDITION, AT, only)
        files = built(desk, archive)
        write(folder / "site", files)
        yield Made(desk, archive, files, folder / "site")


def built(desk: Desk, archive: Archive, address: str | None = None) -> dict[str, bytes]:
    with reading(desk.warehouse) as connection:
        return build(connection, archive, METHOD.id, EDITION, address)


def cells(page: Any, table: int = 0) -> list[list[str]]:
    return [
        [cell.text_content().strip() for cell in row.iter("td")]
        for row in page.findall(".//table")[table].iter("tr")
        if row.find("td") is not None
    ]


def agrees(cell: str, value: float | None) -> bool:
    """Whether a cell in English shows a value of the warehouse, rounded; a dash stands for none."""
    if value is None:
        return cell == "–"
    (number,) = re.findall(r"^-?[\d,]+(?:\.\d+)?", cell)
    shown = float(number.replace(",", ""))
    return abs(shown - value) <= 0.5 * 10 ** -len(number.partition(".")[2]) + 1e-9


def test_the_first_page_has_the_ranking_in_each_language(made: Made) -> None:
    found = rows(
        made.desk.warehouse,
        "select rank, city_name_en, city_name_ru, city_name_zh, score, rank_p05, rank_p95 "
        "from report.edition_rating where edition = '2019.2' and rank is not null "
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
        made.desk.warehouse,
        "select value.ref_area, value.indicator, city_name_en, indicator.name_en, raw_value, "
        "raw_time_period, source.name, normalised, value.weight, contribution "
        "from report.edition_rating_indicator as value "
        "join report.edition_rating as city using (rating, edition, ref_area) "
        "join catalog.indicator as indicator on indicator.indicator = value.indicator "
        "left join catalog.source as source on source.source = value.source where edition = '2019.2'",
    )
    of_city = {
        area: {row[0]: row for row in cells(made.page(f"en/city/{area}.html"), -1)}
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
        made.desk.warehouse,
        "select ref_area, pillar_name_en, score, rank, coverage, weight_effective, contribution "
        "from report.edition_rating_pillar where edition = '2019.2'",
    )
    for area, name, score, rank, coverage, weight, contribution in found:
        (row,) = [each for each in cells(made.page(f"en/city/{area}.html")) if each[0] == name]
        values = (score, rank, 100 * coverage, 100 * weight, contribution)
        assert all(map(agrees, row[1:], values)), (area, name)
    assert len(found) > 20


def test_the_same_edition_gives_the_same_bytes_and_nothing_is_written_again(made: Made) -> None:
    again = built(made.desk, made.archive)
    assert {path for path in again if again[path] != made.files.get(path)} == set()
    assert again.keys() == made.files.keys()
    assert write(made.folder, again) == Done(written=0, removed=0)


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
    ((citation,),) = rows(made.desk.warehouse, "select citation from report.edition where edition = '2019.2'")
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
            made.desk.warehouse,
            f"select count(*) from report.{table} where edition = '2019.2'",  # noqa: S608
        )
        assert made.files[f"data/{resource['path']}"].count(b"\n") == number + 1
    assert package["version"] == EDITION
    kept = rows(
        made.desk.warehouse,
        "select language, document_format, sha256 from archive.document where edition = '2019.2'",
    )
    assert len(kept) == 9
    for language, kind, sha256 in kept:
        path = f"documents/climate_world-{EDITION}.{language}.{kind}"
        assert hashlib.sha256(made.files[path]).hexdigest() == sha256
        assert made.page("ru/downloads.html").xpath(f"//a[@href='../{path}']")


def test_an_address_adds_a_sitemap_and_canonical_addresses(made: Made) -> None:
    assert "sitemap.xml" not in made.files
    files = built(made.desk, made.archive, ADDRESS)
    named = {element.text for element in ElementTree.fromstring(files["sitemap.xml"]).iter() if element.text}  # noqa: S314
    pages = {path for path in files if re.match("(en|ru|zh)/", path)}
    listed = {ADDRESS + path for path in pages if "/chart/" not in path and not path.endswith("/pages.html")}
    assert listed <= named
    assert (
        f'<link rel="canonical" href="{ADDRESS}ru/city/moscow.html">'.encode() in files["ru/city/moscow.html"]
    )
    assert files["static/site.js"] == made.files["static/site.js"]


def test_the_command_writes_a_site_and_refuses_a_folder_of_others(
    made: Made, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("city_indicators.__main__._archive", lambda: made.archive)
    url = made.desk.warehouse.url.render_as_string(hide_password=False)
    given = ["site", "--rating", METHOD.id, "--warehouse", url, "--out", str(tmp_path / "out"), "--edition"]
    assert main([*given, EDITION]) == 0
    count = len(made.files)
    expected = f"{tmp_path / 'out'}: {count} files; {count} written, 0 removed, others unchanged\n"
    assert capsys.readouterr().out == expected
    assert main([*given, "1999.1"]) == 2
    assert "there is no such edition. Next step" in capsys.readouterr().err
    (tmp_path / "out/site-files.json").unlink()
    assert main([*given, EDITION]) == 2
    assert "it has files, but no site-files.json. Next step: name an empty" in capsys.readouterr().err


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


@pytest.fixture(scope="module")
def served(made: Made) -> Iterator[str]:
    """The address of a plain web server of the folder."""

    class Handler(SimpleHTTPRequestHandler):
        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(made.folder))) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("place", "language", "theme", "size"),
    [("folder", "en", "light", WIDE), ("folder", "ru", "dark", PHONE), ("server", "zh", "light", PHONE)],
)
def test_pages_are_sound_from_a_folder_and_from_a_server(
    made: Made, served: str, browser: Browser, place: str, language: str, theme: Any, size: Any
) -> None:
    """Charts are drawn, nothing comes from elsewhere, nothing is wider than the window, no finding of axe."""
    origin = served if place == "server" else f"{made.folder.as_uri()}/"
    context = browser.new_context(color_scheme=theme, viewport=size)
    context.route("**/favicon.ico", lambda route: route.fulfill(body=b""))
    reader = Reader(context, origin)
    faults = {}
    for page in KINDS:
        reader.open(f"{language}/{page}")
        charts = reader.page.locator("[data-chart]").count()
        assert (charts > 0) == (page in KINDS[:1] + KINDS[2:4] + KINDS[-1:]), page
        # Reading styles again is axe's own request, which the policy refuses in a folder.
        run = Axe().run(reader.page, options={"preload": False})
        violations = [each["id"] for each in run.response["violations"]]
        if found := [*reader.looks(), *violations]:
            faults[page] = found
    context.close()
    assert faults == {}


@pytest.mark.parametrize(
    ("language", "typed", "name"),
    [("ru", "моск", "Москва"), ("zh", "莫斯", "莫斯科"), ("en", "Москва", "Moscow")],
)
def test_the_search_finds_a_city_in_each_language(
    made: Made, browser: Browser, language: str, typed: str, name: str
) -> None:
    context = browser.new_context()
    reader = Reader(context, f"{made.folder.as_uri()}/")
    reader.open(f"{language}/indicator/ENERGY_PC.html")
    field = reader.page.get_by_role("searchbox")
    field.fill(typed)
    expect(reader.page.locator(".found a").first).to_have_text(name)
    field.press("Enter")
    reader.page.wait_for_url(f"**/{language}/city/moscow.html")
    expect(reader.page.locator("h1")).to_have_text(name)
    assert reader.faults == []
    context.close()


def test_the_html_to_embed_a_chart_draws_it_in_another_page(served: str, browser: Browser) -> None:
    context = browser.new_context()
    reader = Reader(context, served)
    reader.open("en/chart/ranking.html")
    reader.page.get_by_text("HTML to embed this chart").click()
    copied = reader.page.locator("pre").inner_text()
    assert f'src="{served}en/chart/ranking.html"' in copied
    other = f"<!doctype html><title>Other</title>{copied}"
    context.route("**/other.html", lambda route: route.fulfill(body=other, content_type="text/html"))
    reader.page.goto(f"{served}other.html")
    frame = reader.page.frame_locator("iframe")
    expect(frame.locator("[data-chart] svg").first).to_be_visible()
    expect(frame.get_by_text("HTML to embed this chart")).to_be_hidden()
    context.close()
