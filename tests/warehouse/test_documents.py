"""Documents show what their edition holds, in every format and language, and the same bytes each time."""

import hashlib
import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from shutil import copytree
from typing import Any

import docx
import pytest
from lxml import html

from city_indicators.__main__ import main
from city_indicators.core.archive import Archive
from city_indicators.core.errors import DocumentError
from city_indicators.delivery.documents import FORMATS
from city_indicators.delivery.documents import edition as reading_editions
from city_indicators.delivery.documents.build import Built
from city_indicators.delivery.documents.declaration import DOCUMENTS, SHARED
from city_indicators.delivery.documents.formats import RENDERERS
from city_indicators.delivery.documents.keep import keep
from city_indicators.delivery.documents.model import Chart, Items, Paragraph, Table
from city_indicators.ingest.verify_archive import lacking
from city_indicators.reports.ratings import computed
from standalone.postgres import Server
from tests.queries import rows
from tests.warehouse.documented import AT, METHOD, Desk, declare, opened, run, text_of_pdf
from tests.warehouse.pages import PREFIX, mounted

RANKED = """
select rank, {names}, score, rank_p05, rank_p95, coverage, city_level_weight
from report.edition_rating join catalog.ref_area as country on country.ref_area = country
where edition = '2019.2' and rank is not null order by rank, city_name_en
"""
LANGUAGES = ("en", "ru", "zh")


@pytest.fixture(scope="module")
def desk(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with opened(server, tmp_path_factory.mktemp("documents")) as made:
        yield made


@pytest.fixture(scope="module")
def built(desk: Desk) -> dict[str, Built]:
    return {language: desk.build(language) for language in LANGUAGES}


def ranking(desk: Desk, language: str) -> list[tuple[str, ...]]:
    """The rows of the ranking as the database holds them, written by hand in the format of a language."""
    names = f"city_name_{language}, country.name_{language}"
    sign = "\u00a0%" if language == "ru" else "%"
    return [
        (
            str(rank),
            city,
            country,
            f"{score:.1f}".replace(".", "," if language == "ru" else "."),
            f"{low:.0f}–{high:.0f}",
            f"{coverage * 100:.0f}{sign}",
            f"{own * 100:.0f}{sign}",
        )
        for rank, city, country, score, low, high, coverage, own in rows(
            desk.warehouse, RANKED.format(names=names)
        )
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_format_shows_the_ranking_of_the_edition(
    desk: Desk, built: dict[str, Built], language: str, tmp_path: Path
) -> None:
    expected = ranking(desk, language)
    assert len(expected) > 20
    document = built[language].document
    page = RENDERERS["html"](document).decode()
    assert f'<html lang="{language}">' in page
    shown = [tuple(cell.text_content() for cell in row) for row in html.fromstring(page).iter("tr")]
    assert [row for row in shown if row in set(expected)][-len(expected) :] == expected
    word = docx.Document(BytesIO(RENDERERS["docx"](document)))
    tables = [[tuple(cell.text for cell in row.cells) for row in table.rows] for table in word.tables]
    assert expected in [table[1:] for table in tables]
    text = text_of_pdf(RENDERERS["pdf"](document), tmp_path, "-layout")
    lines = [re.sub(r"\s", "", line) for line in text.splitlines()]
    for rank, city, _, *values in expected:
        begin, end = (re.sub(r"\s", "", part) for part in (rank + city, "".join(values)))
        # The country, between them, may take two lines.
        assert any(line.startswith(begin) and line.endswith(end) for line in lines), city


def numbers(text: str) -> set[str]:
    """The numbers of a text; those within words, such as a checksum or CO2, are none."""
    return set(re.findall(r"(?<![\w.,])\d+(?:[.,]\d+)*(?![\w])", text))


def test_every_number_of_the_tables_is_one_of_the_edition(desk: Desk, built: dict[str, Built]) -> None:
    """Each number in a cell is a rounded value of the edition, of its analyses, or declared by its method."""
    held: set[float] = {float(year) for year in range(2016, 2020)}
    for table in ("rating", "rating_pillar", "rating_indicator"):
        found = rows(desk.warehouse, f"select * from report.edition_{table}")  # noqa: S608
        held |= {float(v) for row in found for v in row if isinstance(v, int | float)}
    for table in ("rating_coherence", "rating_sensitivity"):
        found = rows(desk.warehouse, f"select * from report.{table}")  # noqa: S608
        held |= {float(v) for row in found for v in row if isinstance(v, int | float)}
    weights = {0.4, 0.2, 0.5, 1.0}
    goalposts = {0.0, 100.0, 150000.0, 600.0, 23.7, 87.0, 6.3}
    allowed = held | {100 * value for value in held} | weights | {20.0, 40.0, 50.0} | goalposts
    scores = [v for v in held if 10 <= v <= 100]
    cells = [
        (block.caption, cell)
        for block in built["en"].document.blocks
        if isinstance(block, Table)
        for row in block.rows
        for cell in row
        if "United Nations" not in cell
    ]
    counted = {str(n) for n in range(49)}
    wrong = [
        (caption, cell, number)
        for caption, cell in cells
        for number in numbers(cell.replace(",", "")) - counted
        if not any(abs(abs(value) - float(number)) <= half(number) for value in allowed)
        and not any(
            abs(abs(one - other) - float(number)) <= half(number) for one in scores for other in scores
        )
    ]
    assert wrong == []


def half(number: str) -> float:
    """Half of the last decimal of a number, and a little."""
    return 0.5 * 10 ** -len(number.partition(".")[2]) + 1e-9


@pytest.mark.parametrize("kind", RENDERERS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_same_edition_gives_the_same_bytes(
    desk: Desk, built: dict[str, Built], kind: str, language: str
) -> None:
    again = desk.build(language).document
    assert RENDERERS[kind](again) == RENDERERS[kind](built[language].document)


def test_a_pdf_has_title_language_tags_and_bookmarks(built: dict[str, Built], tmp_path: Path) -> None:
    content = RENDERERS["pdf"](built["zh"].document)
    for mark in (b"/Lang(zh)", b"/StructTreeRoot", b"/Outlines", b"/Marked true"):
        assert mark in content.replace(b" (", b"("), mark
    file = tmp_path / "document.pdf"
    file.write_bytes(content)
    info = run("pdfinfo", str(file))
    assert re.search(r"Title: +试验", info)
    assert "试验" in text_of_pdf(content, tmp_path)


def test_a_word_document_has_headings_captions_and_alternative_texts(built: dict[str, Built]) -> None:
    document = built["ru"].document
    word = docx.Document(BytesIO(RENDERERS["docx"](document)))
    headings = [p.text for p in word.paragraphs if p.style and p.style.name == "Heading 1"]
    assert headings[:2] == ["Главное", "Рейтинг"]
    charts = [block for block in document.blocks if isinstance(block, Chart)]
    shapes = [shape._inline.docPr for shape in word.inline_shapes]
    assert [shape.get("descr") for shape in shapes] == [chart.alternative for chart in charts]
    assert charts
    assert word.core_properties.title == "Проба"
    assert "SEQ Таблица" in word.element.xml


def test_a_page_needs_nothing_else_and_each_chart_has_one_alternative_text(built: dict[str, Built]) -> None:
    document = built["zh"].document
    page = RENDERERS["html"](document).decode()
    charts = [block for block in document.blocks if isinstance(block, Chart)]
    assert re.findall(r'role="([^"]*)"', page) == ["img"] * len(charts)
    assert [chart.alternative for chart in charts if f'aria-label="{chart.alternative}"' not in page] == []
    assert re.findall(r'(?:src|href)="(?!#)[^"]*', page) == []
    names = re.findall(r'\bid="([^"]+)"', page)
    assert len(names) == len(set(names))


def test_an_edition_before_is_compared(built: dict[str, Built]) -> None:
    (changes,) = [
        block
        for block in built["en"].document.blocks
        if isinstance(block, Table) and "2019.1" in block.caption
    ]
    moscow = next(row for row in changes.rows if row[0] == "Moscow")
    before, now, score_before, score_now = moscow[1:5]
    # A lower consumption scores more: from 900 to 140,000 kWh the city falls from the first to the last rank.
    assert (before, float(score_before) > float(score_now)) == ("1", True)
    assert int(now) == max(int(row[2]) for row in changes.rows)


def test_a_title_is_shown_as_it_is(built: dict[str, Built]) -> None:
    page = RENDERERS["html"](built["en"].document).decode()
    assert "<script" not in page
    assert "Trial &lt;script&gt;alert(1)&lt;/script&gt; #[x] *a*" in page


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ('# A\n\n{{ score("atlantis") }}', "own/text.en.md:3: there is no city 'atlantis' in the edition"),
        ('# A\n{{ value("PT_ACCESS",\n "moscow") }}', "own/text.en.md:2: 'moscow' has no value of PT_ACCESS"),
        ('# A\n\n\n{{ value("ENERGY_PC", "moscow", 1999) }}', "own/text.en.md:4: .*ENERGY_PC in 1999"),
        ('{{ cite("un_wup") }}', "own/text.en.md:1: the edition uses no value of the source 'un_wup'"),
        ('{{ chart("pie") }}', "own/text.en.md:1: there is no chart 'pie', only ranking"),
        ('{{ table("top", first=3) }}', "own/text.en.md:1: .*unexpected keyword argument 'first'"),
        ("\n{{ scores() }}", "own/text.en.md:2: 'scores' is undefined"),
        ("\n\n{% for city in cities() %}", "own/text.en.md:3: Unexpected end of template"),
        ("{{ ''.__class__ }}", "own/text.en.md:1: access to attribute '__class__'"),
        ("# A\n\n> quoted", "own/text.en.md: blockquote_open in the Markdown"),
    ],
)
def test_a_wrong_reference_fails_with_file_and_line(desk: Desk, text: str, fault: str) -> None:
    desk.write(text)
    with pytest.raises(DocumentError, match=rf"document {fault}.*Next step"):
        desk.build(name="own")


def test_a_missing_translation_fails_by_name(desk: Desk) -> None:
    desk.write("# A")
    with pytest.raises(DocumentError, match=r"own/text\.zh\.md: the chapter 'text' has no translation"):
        desk.build("zh", name="own")


def test_an_unknown_edition_fails(desk: Desk) -> None:
    with pytest.raises(DocumentError, match=r"climate_world 1999\.1: there is no such edition"):
        desk.build(edition="1999.1")


def test_numbers_typed_by_hand_are_listed(desk: Desk) -> None:
    desk.write('# A\n\n1. Rank 54 of CO2, {{ 7 }}\n\n{{ score("moscow") }} and 12,5 %\n\n{{ "8" }}')
    unverified = desk.build(name="own").unverified
    assert unverified == (
        "own/text.en.md:3: 54",
        "own/text.en.md:3: 7",
        "own/text.en.md:5: 12,5",
        "own/text.en.md:7: 8",
    )


def test_the_shipped_chapters_have_no_number_typed_by_hand(built: dict[str, Built]) -> None:
    assert [each.unverified for each in built.values()] == [(), (), ()]


def test_a_value_of_another_year_is_that_known_to_the_edition(desk: Desk) -> None:
    desk.write('{{ value("ENERGY_PC", "moscow", 2019) }}')
    for edition, value in (("2019.1", "900 kWh per person"), ("2019.2", "140,000 kWh per person")):
        (paragraph,) = desk.build(name="own", edition=edition).document.blocks
        assert "".join(run.text for run in paragraph.runs) == value  # type: ignore[union-attr]


def test_the_note_of_a_profile_leads_to_the_observations_that_the_edition_used(desk: Desk) -> None:
    client = mounted(desk.warehouse.url, desk.folder.parent)
    for edition, value in (("2019.1", "900"), ("2019.2", "140,000")):
        blocks = desk.build(edition=edition).document.blocks
        (profile,) = [b for b in blocks if isinstance(b, Table) and b.caption.startswith("Moscow: ")]
        assert profile.note.address.startswith("/city-indicators/lineage/edition_rating?")
        answer = client.get(PREFIX + profile.note.address.removeprefix("/city-indicators"))
        shown = html.fromstring(answer.text).xpath("//summary/b[last()]/text()")
        assert (answer.status_code, shown) == (200, [value])
    page = client.get(f"{PREFIX}/editions?rating={METHOD.id}&edition=2019.1").text
    assert f"lineage/edition_rating?rating={METHOD.id}&amp;edition=2019.1&amp;ref_area=moscow" in page


def test_documents_are_kept_once_and_downloaded_from_the_page_of_the_edition(desk: Desk) -> None:
    archive = Archive(desk.folder.parent / "archive")
    declare(desk.folder, "short", "sources")
    only = desk.folder.parent / "kept"
    copytree(desk.folder / "short", only / "short")
    copytree(desk.folder / SHARED, only / SHARED)
    names = keep(desk.warehouse, archive, METHOD.id, "2019.2", AT, only)
    assert sorted(names) == [
        f"short-2019.2.{language}.{kind}" for language in LANGUAGES for kind in ("docx", "html", "pdf")
    ]
    keep(desk.warehouse, archive, METHOD.id, "2019.2", AT, only)
    kept = rows(desk.warehouse, "select document_format, language, sha256 from archive.document")
    assert len(kept) == 9
    assert lacking(desk.warehouse, archive) == []
    client = mounted(desk.warehouse.url, desk.folder.parent)
    page = client.get(f"{PREFIX}/editions?rating={METHOD.id}&edition=2019.2").text
    for kind, language, sha256 in kept:
        assert f'href="documents/{sha256}"' in page
        answer = client.get(f"{PREFIX}/documents/{sha256}")
        assert hashlib.sha256(answer.content).hexdigest() == sha256
        assert answer.headers["content-type"].startswith(FORMATS[kind])
        assert f'"short-2019.2.{language}.{kind}"' in answer.headers["content-disposition"]
    assert client.get(f"{PREFIX}/documents/{'0' * 64}").status_code == 404


def test_a_document_that_cannot_be_made_does_not_stop_the_others(desk: Desk) -> None:
    archive = Archive(desk.folder.parent / "archive")
    broken = desk.folder.parent / "broken"
    broken.mkdir()
    copytree(desk.folder / SHARED, broken / SHARED)
    declare(broken, "a_first", "missing_chapter")
    declare(broken, "b_second", "changes")
    with pytest.raises(DocumentError, match=r"a_first/missing_chapter\.en\.md"):
        keep(desk.warehouse, archive, METHOD.id, "2019.1", AT, broken)
    assert rows(
        desk.warehouse, "select distinct document from archive.document where edition = '2019.1'"
    ) == [("b_second",)]


def test_an_edition_that_computes_differently_now_is_refused(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.write('{{ table("coherence") }}')
    other = METHOD.model_copy(update={"scale": (0, 100)})

    def with_other_scale(connection: Any, _: Any, *more: Any) -> Any:
        return computed(connection, other, *more)

    monkeypatch.setattr(reading_editions, "computed", with_other_scale)
    with pytest.raises(DocumentError, match=r"climate_world 2019\.2: its scores.*differ from the published"):
        desk.build(name="own")


@pytest.mark.parametrize(
    ("language", "text"), [("en", "14 megatrends"), ("ru", "14 мегатрендов"), ("zh", "14 个大趋势")]
)
def test_megatrends_are_those_known_to_the_edition(desk: Desk, language: str, text: str) -> None:
    if not (desk.folder / "trends").exists():
        copytree(DOCUMENTS / "megatrends", desk.folder / "trends")
        declare(desk.folder, "trends", "overview, directions, trend_method")
    blocks = desk.build(language, name="trends").document.blocks
    shown = ["".join(run.text for run in block.runs) for block in blocks if isinstance(block, Paragraph)]
    assert any(text in paragraph for paragraph in shown)
    # One year of one indicator is no trend: all fourteen are listed as not assessed, none with a verdict.
    (listed,) = [block for block in blocks if isinstance(block, Items)]
    assert len(listed.items) == 14
    desk.write('{{ megatrends("confirmed", "BRIX", "since_2000") }}')
    with pytest.raises(DocumentError, match="there is no city_group 'BRIX' of megatrends"):
        desk.build(name="own")


def test_the_command_writes_a_shipped_document(
    desk: Desk, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "pair.docx"
    arguments = ["document", "moscow_guangzhou", "--language", "ru", "--format", "docx", "--out", str(out)]
    url = desk.warehouse.url.render_as_string(hide_password=False)
    assert main([*arguments, "--edition", "2019.2", "--warehouse", url]) == 0
    assert capsys.readouterr().out == f"wrote {out}: {out.stat().st_size} bytes\n"
    word = docx.Document(str(out))
    assert word.paragraphs[0].text == "Москва и Гуанчжоу: сравнение"
    ranks = dict(
        rows(desk.warehouse, "select ref_area, rank from report.edition_rating where edition = '2019.2'")
    )
    places = f"{ranks['moscow']}-е место против {ranks['guangzhou']}-го"
    assert f"Москва стоит в рейтинге ниже, чем Гуанчжоу: {places}." in [
        paragraph.text for paragraph in word.paragraphs
    ]


def test_the_command_names_what_is_wrong(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    url = desk.warehouse.url.render_as_string(hide_password=False)
    assert main(["document", "climate_world", "--edition", "1999.1", "--warehouse", url]) == 2
    assert "climate_world 1999.1: there is no such edition. Next step" in capsys.readouterr().err
