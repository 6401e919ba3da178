"""Pages of cities, editions and lineage: from a report to its observations and to the archived files."""

import hashlib
import html
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from zipfile import ZipFile

import pytest
from sqlalchemy import URL, create_engine, text

from city_indicators.core.languages import languages, words
from city_indicators.delivery.exports.texts import codes, meaning
from city_indicators.delivery.numbers import Numbers
from city_indicators.delivery.web.headers import HEADERS, KEPT
from standalone.postgres import Server
from tests.warehouse.pages import OPERATOR, PREFIX, USER, links, mounted
from tests.warehouse.site import EDITION, HOSTILE, MOSCOW, Site, opened


@pytest.fixture(scope="module")
def site(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The site of these tests."""
    with opened(server, tmp_path_factory.mktemp("pages")) as made:
        yield made


@pytest.mark.parametrize("language", languages())
def test_a_city_page_shows_the_values_of_the_database(site: Site, language: str) -> None:
    page = html.unescape(site.page(f"/city/moscow?language={language}"))
    (observation,) = site.rows("web/city_profile", ref_area="moscow")
    assert (observation["obs_value"], observation["time_period"], observation["source"]) == (
        50000,
        "2019",
        "owid_grapher",
    )
    for table, column, code in (
        ("ref_area", "ref_area", "moscow"),
        ("ref_area", "ref_area", "RUS"),
        ("indicator", "indicator", observation["indicator"]),
        ("unit", "unit_measure", observation["unit_measure"]),
        ("geo_basis", "geo_basis", observation["geo_basis"]),
    ):
        name = site.value(f"select name_{language} from catalog.{table} where {column} = '{code}'")  # noqa: S608
        assert name in page, code
    assert words(language).gettext(codes()["pillar"]["energy_consumption"]) in page
    assert f'title="{observation["obs_value"]}"' in page
    assert {"ru": "50\N{NO-BREAK SPACE}000</a>"}.get(language, "50,000</a>") in page
    assert observation["publisher"] in page
    # 10 + 90 × (50000 - 150000) / (600 - 150000) = 70.24
    scores = {
        row["time_period"]: row["score"]
        for row in site.rows("web/city_ratings", ref_area="moscow", ratings=["climate_first"])
    }
    assert scores["2019"] == pytest.approx(10 + 90 * 100000 / 149400)
    assert {"ru": ">70,2</a>"}.get(language, ">70.2</a>") in page


def test_shows_the_chosen_value_and_the_others_with_their_spread(site: Site) -> None:
    page = site.page("/city/moscow")
    (others,) = re.findall(r"<details><summary>[^<]*spread.*?</details>", page, re.DOTALL)
    # 55 000 is a tenth more than 50 000.
    assert "2 values to choose from, spread 10.0%" in others
    cells = [re.sub(r"<[^>]+>", "", cell) for cell in re.findall(r"<td.*?</td>", others, re.DOTALL)]
    assert cells == [
        *("owid_grapher", "the country", "50,000", "Used by reports"),
        *("world_bank", "the country", "55,000", "+10.0%"),
    ]


def test_each_value_links_to_its_own_lineage(site: Site) -> None:
    found = links(site.page("/city/moscow"), f"{PREFIX}/city/moscow")
    pages = [site.client.get(link).text for link in found if "/lineage/observation" in link]
    assert [re.findall(r"<dt>Value</dt><dd>([^<]*)</dd>", page) for page in pages] == [
        ["50000"],
        ["55000"],
    ]


def test_the_latest_rank_of_each_rating_comes_first(site: Site) -> None:
    page = site.page("/city/moscow")
    cities = site.rows("web/rating", rating="climate_first", period="2019")
    (row,) = (each for each in cities if each["ref_area"] == "moscow")
    first = re.sub(r"<[^>]+>", "", page[page.index("<table") : page.index("</table>")])
    assert f"{row['rank']} of {row['n_ranked']}" in first
    history = "select bool_and(comparable_with_prev) from report.rating_history where ref_area = 'moscow'"
    found = site.rows("web/ranks_over_years", cities=["moscow"], ratings=["climate_first"])
    assert all(each["comparable"] for each in found) == bool(site.value(history))


def test_cities_are_listed_by_country_and_group(site: Site) -> None:
    page = site.page("/cities?group=BRICS&country=RUS")
    assert re.findall(r'href="city/([\w-]+)', page) == ["kazan", "moscow", "saint-petersburg"]
    assert site.get("/cities?group=G7").status_code == 404


def test_shows_no_choice_for_a_single_source(site: Site) -> None:
    assert "to choose from" not in site.page("/city/berlin")


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("path", ["/city/moscow?", f"/lineage/rating?{MOSCOW}&", f"{EDITION}&", "/editions?"])
def test_every_link_of_a_page_works_in_its_language(site: Site, path: str, language: str) -> None:
    address = f"{PREFIX}{path}language={language}"
    found = links(site.page(f"{path}language={language}"), address)
    of_city = [link for link in found if link.startswith(f"{PREFIX}/city/")]
    files = [link for link in found if re.match(rf"{PREFIX}/(export|chart)/", link)]
    # The pages of all cities are alike, so two are enough; other tests read the files in each language.
    others = [link for link in found if link not in {*of_city, *files}]
    for link in [*others, *of_city[:2], *(files if language == "en" else [])]:
        if link.startswith("/dags/"):
            assert link == "/dags/ingest_owid_grapher/runs/test%202026-01-01T12%3A02%3A00%2B00%3A00"
            continue
        answer = site.client.get(link, headers=OPERATOR)
        assert answer.status_code == 200, link
        if "text/html" in answer.headers["content-type"] and "/data-docs/" not in link:
            assert f'<html lang="{language}">' in answer.text, link
    assert len(found) > 2 or path == "/editions?"


@pytest.mark.parametrize("language", languages())
def test_the_ratings_page_links_to_cities_and_lineage(site: Site, language: str) -> None:
    found = links(site.page(f"/ratings?period=2019&language={language}"), f"{PREFIX}/ratings")
    of_moscow = [link for link in found if "moscow" in link]
    assert [re.sub(r"\?.*", "", link) for link in of_moscow] == [
        f"{PREFIX}/city/moscow",
        f"{PREFIX}/lineage/rating",
        f"{PREFIX}/lineage/rating_pillar",
    ]
    for link in of_moscow:
        assert f'<html lang="{language}">' in site.client.get(link).text


@pytest.mark.parametrize("language", languages())
def test_the_lineage_page_shows_the_lineage_of_the_database(site: Site, language: str) -> None:
    page = html.unescape(site.page(f"/lineage/rating?{MOSCOW}&language={language}"))
    key = '{"rating": "climate_first", "time_period": "2019", "ref_area": "moscow"}'
    (lineage,) = site.rows("web/lineage", report_table="rating", key=key)
    assert (lineage["version"], lineage["obs_value"], lineage["value_as_published"]) == (2, 50000, "50000")
    for column in (
        "url",
        "sha256",
        "pointer",
        "citation",
        "licence",
        "licence_url",
        "publisher",
    ):
        assert f">{lineage[column]}<" in page, column
    assert f"<dd>{Numbers.of(language).exact(lineage['obs_value'])}</dd>" in page
    assert f"<dd>{lineage['load_id']} · <a" in page
    for rule in lineage["rules_passed"]:
        assert f'{meaning("rule", rule, language)} <code class="soft">{rule}</code>' in page
    assert lineage["run_id"] in page
    assert Numbers.of(language).moment(lineage["fetched_at"]) in page
    assert {"en": "11 Jan 2026, 12:00 UTC", "zh": "2026年1月11日 12:00 UTC"}.get(
        language, "11 янв. 2026"
    ) in page
    assert f"{lineage['contribution']:.2f}" == "70.24"
    assert Numbers.of(language).decimals(70.24, 2) in page
    # The form for another language has the same key.
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="(\w+)"', page))
    assert hidden == {"rating": "climate_first", "time_period": "2019", "ref_area": "moscow"}


def test_shows_the_lineage_of_an_earlier_version(site: Site) -> None:
    key = "ref_area=RUS&indicator=ENERGY_PC&time_period=2019&source=owid_grapher"
    assert "<dd>60000.5</dd>" in site.page(f"/lineage/revisions?{key}&version=1")
    assert "<dd>50000</dd>" in site.page(f"/lineage/report.revisions?{key}&version=2")


def test_a_load_without_data_docs_has_no_link_to_them(site: Site) -> None:
    path = f"/lineage/rating?{MOSCOW}"
    load_id = site.value("select max(load_id) from ops.load")
    docs = site.folder / "docs" / "site.zip"
    assert f"data-docs/loads/{load_id}.html" in site.page(path)
    content = docs.read_bytes()
    for others in ({}, {"loads/0.html": b"an older load"}):
        with ZipFile(docs, "w") as later:
            for name, page in others.items():
                later.writestr(name, page)
        assert "data-docs/loads" not in site.page(path)
    docs.write_bytes(content)


@pytest.mark.parametrize(
    ("path", "times"),
    [
        ("/city/moscow", 1),
        (f"/lineage/rating?{MOSCOW}", 1),
        ("/lineage/source_choice?ref_area=moscow&indicator=ENERGY_PC&time_period=2019&source=world_bank", 2),
        ("/editions", 2),
        (EDITION, 3),
    ],
)
def test_escapes_texts_from_outside(site: Site, path: str, times: int) -> None:
    page = site.page(path)
    assert page.count(html.escape(HOSTILE)) == times
    scripts = re.findall(r"<script[^>]*>(.*?)</script>", page)
    assert scripts == ["", ""]
    assert re.findall(r'\son\w+="([^"]*)"', page) == []
    assert not re.search(r"(src|href)=\"https?://", page)


@pytest.mark.parametrize(
    ("path", "status", "message"),
    [
        ("/city/atlantis", 404, "there is no city 'atlantis'"),
        ("/city/RUS", 404, "there is no city 'RUS'"),
        ("/city/%00", 422, "cannot contain NUL"),
        (
            "/lineage/nowhere",
            404,
            "is not a table with lineage. Tables with lineage: best_practice_evidence,",
        ),
        ("/lineage/ops.load?load_id=1", 404, "is not a table with lineage"),
        ("/lineage/city_profile?ref_area=moscow", 404, "the key {ref_area,indicator}, but got {ref_area}"),
        (
            "/lineage/city_profile?ref_area=moscow&indicator=NO",
            404,
            "no observation was used for city_profile",
        ),
        (f"/lineage/rating?{MOSCOW}'%20or%20true--", 404, "no observation was used for rating"),
        (
            "/lineage/revisions?ref_area=RUS&indicator=X&time_period=2019&source=x&version=two",
            422,
            'invalid input syntax for type integer: \\"two\\"',
        ),
        ("/editions?rating=climate_first&edition=1.1", 404, "there is no edition 1.1 of climate_first"),
        ("/editions?rating=climate_first", 404, "Next step: choose one in Editions"),
        ("/city/moscow?language=fr", 422, "is none of en, ru, zh"),
    ],
)
def test_reports_a_missing_object(site: Site, path: str, status: int, message: str) -> None:
    answer = site.get(path)
    assert (answer.status_code, message in answer.text) == (status, True), answer.text


@pytest.mark.parametrize("language", languages())
def test_shows_an_edition_beside_todays_values(site: Site, language: str) -> None:
    (edition,) = site.rows("web/editions")
    for path in ("/editions?", f"{EDITION}&"):
        page = html.unescape(site.page(f"{path}language={language}"))
        for column in ("title", "citation", "checksum", "approved_by", "method_version"):
            assert str(edition[column]) in page, column
        assert Numbers.of(language).moment(datetime(2026, 1, 10, 12, tzinfo=UTC)) in page
    page = site.page(f"{EDITION}&language={language}")
    name = site.value(f"select name_{language} from catalog.ref_area where ref_area = 'moscow'")  # noqa: S608
    (row,) = (row for row in re.findall(r"<tr>.*?</tr>", page, re.DOTALL) if name in row)
    # 60 000.5 kWh gave 64.22 points, 50 000 give 70.24.
    shown = ["64,2", "70,2", "+6,02"] if language == "ru" else ["64.2", "70.2", "+6.02"]
    assert re.findall(r'"n">(?:<a[^>]*>)?([^<]*)<', row)[2:] == [*shown, "0", "0", "0"]
    assert "format=parquet" in page


def test_the_page_without_editions_names_the_next_step(warehouse_url: URL, tmp_path: Path) -> None:
    assert "publish_edition" in mounted(warehouse_url, tmp_path).get(f"{PREFIX}/editions").text


def test_a_city_page_without_data_names_the_next_step(warehouse_url: URL, tmp_path: Path) -> None:
    assert "refresh_reports" in mounted(warehouse_url, tmp_path).get(f"{PREFIX}/city/moscow").text


@pytest.fixture
def sha256(site: Site) -> str:
    return str(site.value("select sha256 from archive.fetch_event order by fetch_id limit 1"))


def test_an_operator_downloads_the_archived_file(site: Site, sha256: str) -> None:
    answer = site.get(f"/snapshots/{sha256}", **OPERATOR)
    assert answer.status_code == 200
    assert hashlib.sha256(answer.content).hexdigest() == sha256
    assert b"Russia,RUS,2019,60000.5" in answer.content
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"] == f'attachment; filename="{sha256}"'
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"] == "sandbox; default-src 'none'"


def test_only_operators_download_archived_files(site: Site, sha256: str) -> None:
    assert site.get(f"/snapshots/{sha256}").status_code == 403
    assert site.get("/snapshots/unknown").status_code == 403


OUTSIDE = ("..%2f..%2f..%2fsecret", "../../../secret", "%2e%2e/secret", "secret", "%00")


@pytest.mark.parametrize("name", [*OUTSIDE, "0" * 64, "{recorded}%0a", "{upper}", "{unrecorded}"])
def test_serves_only_recorded_snapshots(site: Site, sha256: str, name: str) -> None:
    (site.folder / "secret").write_text("secret")
    unrecorded = hashlib.sha256(b"secret").hexdigest()
    file = site.folder / "archive" / "sha256" / unrecorded[:2] / unrecorded
    file.parent.mkdir(exist_ok=True)
    file.write_text("secret")
    requested = name.format(recorded=sha256, upper=sha256.upper(), unrecorded=unrecorded)
    answer = site.get(f"/snapshots/{requested}", **OPERATOR)
    assert answer.status_code == 404
    assert "secret" not in answer.text


def test_does_not_serve_a_damaged_file(site: Site, sha256: str) -> None:
    file = site.folder / "archive" / "sha256" / sha256[:2] / sha256
    content = file.read_bytes()
    file.write_bytes(content[:-1])
    answer = site.get(f"/snapshots/{sha256}", **OPERATOR)
    file.write_bytes(content)
    assert answer.status_code == 500
    assert "Next step: restore the object from a backup, or clear the fetch task" in answer.text


@pytest.mark.parametrize(
    "path",
    ["/city/moscow", "/city/atlantis", f"/lineage/rating?{MOSCOW}", "/editions", f"/snapshots/{'0' * 64}"],
)
def test_pages_require_a_login(site: Site, path: str) -> None:
    answer = site.get(path, Authorization="")
    assert answer.status_code == 401
    assert "moscow" not in answer.text.lower()


@pytest.mark.parametrize(
    "path",
    ["/ratings", "/quality", "/downloads", "/city/moscow", "/city/atlantis", "/export/rating", "/data-docs/"],
)
@pytest.mark.parametrize("user", [USER, {"Authorization": ""}])
def test_every_response_has_the_security_headers(site: Site, path: str, user: dict[str, str]) -> None:
    answer = site.get(path, **user)
    headers = answer.headers
    kept = {"cache-control": KEPT} if "etag" in headers else {}
    assert {name: headers[name] for name in HEADERS} == HEADERS | {"Cache-Control": headers["cache-control"]}
    assert headers["cache-control"] == kept.get("cache-control", "no-store")
    assert ("etag" in headers) == (
        answer.status_code == 200 and path in ("/ratings", "/quality", "/downloads", "/city/moscow")
    )
    policy = dict(part.split(" ", 1) for part in headers["content-security-policy"].split("; "))
    assert (policy["default-src"], policy["frame-ancestors"]) == ("'none'", "'self'")
    assert headers["x-content-type-options"] == "nosniff"
    assert (policy["script-src"], policy["connect-src"]) == ("'self'", "'self'")


def test_a_page_is_sent_again_only_if_the_data_changed(site: Site) -> None:
    tag = site.get("/ratings").headers["etag"]
    again = site.get("/ratings", **{"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")
    # The login comes first.
    assert site.get("/ratings", **{"If-None-Match": tag, "Authorization": ""}).status_code == 401
    chart = "/chart/ranks.json?rating=climate_first&period=2019"
    assert site.get(chart, **{"If-None-Match": site.get(chart).headers["etag"]}).status_code == 304
    with create_engine(site.url).begin() as connection:
        connection.execute(text("update ops.load set published_at = published_at + interval '1 second'"))
    assert site.get("/ratings", **{"If-None-Match": tag}).status_code == 200


@pytest.mark.parametrize(
    ("path", "status", "texts"),
    [
        ("/city/atlantis?language=ru", 404, ["Не найдено", "there is no city &#39;atlantis&#39;. Next step"]),
        ("/ratings?language=fr", 422, ["The address is not valid", "language:"]),
        ("/city/%00", 422, ["cannot contain NUL"]),
        (f"/snapshots/{'0' * 64}", 403, ["Not permitted"]),
    ],
)
def test_people_get_a_page_where_programs_get_json(
    site: Site, path: str, status: int, texts: list[str]
) -> None:
    answer = site.get(path, Accept="text/html,*/*;q=0.8")
    assert (answer.status_code, answer.headers["content-type"]) == (status, "text/html; charset=utf-8")
    assert all(text in answer.text for text in texts), answer.text
    assert list(site.get(path).json()) == ["detail"]
    leads = next(link for link in links(answer.text, f"{PREFIX}{path}") if "/overview" in link)
    assert site.client.get(leads).status_code == 200


def test_who_is_signed_out_is_led_to_the_login(site: Site) -> None:
    answer = site.get("/city/moscow", Authorization="", Accept="text/html")
    assert answer.status_code == 401
    assert 'href="../../"' in answer.text


@pytest.mark.parametrize(
    ("preferred", "language"),
    [("ru-RU,ru;q=0.9,en;q=0.8", "ru"), ("zh-CN", "zh"), ("fr, zh;q=0.5", "zh"), ("fr", "en")],
)
def test_the_language_is_that_of_the_browser_unless_the_address_names_one(
    site: Site, preferred: str, language: str
) -> None:
    accepted = {"Accept-Language": preferred}
    assert f'<html lang="{language}">' in site.get("/cities", **accepted).text
    assert '<html lang="en">' in site.get("/cities?language=en", **accepted).text
