"""Word documents: footnotes that python-docx does not write, and what LibreOffice prints of them."""

import re
from collections import Counter
from collections.abc import Iterator
from html import unescape
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import docx
import pytest
from lxml import etree

from city_indicators.delivery.documents.docx import TEMPLATE
from city_indicators.delivery.documents.docx_footnotes import Footnotes
from city_indicators.delivery.documents.formats import RENDERERS
from city_indicators.delivery.documents.model import Chart, Document, Heading, Table
from standalone.postgres import Server
from tests.warehouse.documented import SHARED, Desk, opened, printed

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
LANGUAGES = ("en", "ru", "zh")
SERVER = "https://rating.example/city-indicators"


@pytest.fixture(scope="module")
def desk(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with opened(server, tmp_path_factory.mktemp("word")) as made:
        yield made


@pytest.fixture(scope="module")
def documents(desk: Desk) -> dict[str, Document]:
    return {language: desk.build(language).document for language in LANGUAGES}


def parts(content: bytes) -> dict[str, etree._Element]:
    """The XML of each part of a Word document."""
    with ZipFile(BytesIO(content)) as bundle:
        return {
            name: etree.fromstring(bundle.read(name))
            for name in bundle.namelist()
            if name.endswith((".xml", ".rels"))
        }


def notes(content: bytes) -> list[str]:
    """The texts of the footnotes, without those of the separators."""
    found = parts(content)["word/footnotes.xml"].findall(f"{W}footnote")
    return ["".join(note.itertext()).strip() for note in found if note.get(f"{W}type") is None]


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_chart_and_table_has_a_footnote_with_its_lineage(
    documents: dict[str, Document], language: str
) -> None:
    content = RENDERERS["docx"](documents[language])
    expected = [
        f"{block.note.text} · {block.note.address}"
        for block in documents[language].blocks
        if isinstance(block, Chart | Table)
    ]
    assert notes(content) == expected
    assert len(expected) > 20
    body = parts(content)["word/document.xml"]
    marks = [mark.get(f"{W}id") for mark in body.iter(f"{W}footnoteReference")]
    assert marks == [str(number) for number in range(1, len(expected) + 1)]
    captions = {mark.getparent().getparent() for mark in body.iter(f"{W}footnoteReference")}
    assert {caption.find(f"{W}pPr/{W}pStyle").get(f"{W}val") for caption in captions} == {"Caption"}


def test_settings_and_types_declare_the_footnotes_as_word_does(documents: dict[str, Document]) -> None:
    found = parts(RENDERERS["docx"](documents["en"]))
    names = [etree.QName(each).localname for each in found["word/settings.xml"]]
    # The order of the schema; Word refuses another.
    assert names.index("footnotePr") == names.index("compat") - 1
    listed = [each.get(f"{W}id") for each in found["word/settings.xml"].iter(f"{W}footnote")]
    separators = [
        note.get(f"{W}id")
        for note in found["word/footnotes.xml"].findall(f"{W}footnote")
        if note.get(f"{W}type") is not None
    ]
    assert listed == separators == ["-1", "0"]
    types = {each.get("PartName"): each.get("ContentType") for each in found["[Content_Types].xml"]}
    assert types["/word/footnotes.xml"].endswith("wordprocessingml.footnotes+xml")
    styles = {each.get(f"{W}styleId") for each in found["word/styles.xml"].iter(f"{W}style")}
    used = {each.get(f"{W}val") for each in found["word/footnotes.xml"].iter(f"{W}pStyle", f"{W}rStyle")}
    assert used == {"FootnoteText", "FootnoteReference"}
    assert used <= styles


def test_a_template_that_word_gave_footnotes_keeps_one_part_of_them() -> None:
    made = docx.Document(str(TEMPLATE))
    Footnotes(made)
    Footnotes(made)
    file = BytesIO()
    made.save(file)
    related = parts(file.getvalue())["word/_rels/document.xml.rels"]
    assert len([each for each in related if each.get("Type", "").endswith("/footnotes")]) == 1
    settings = parts(file.getvalue())["word/settings.xml"]
    assert len(settings.findall(f"{W}footnotePr")) == 1


def test_a_declared_server_makes_the_notes_links(desk: Desk, documents: dict[str, Document]) -> None:
    settings = desk.folder / SHARED / "settings.yaml"
    before = settings.read_text(encoding="utf-8")
    settings.write_text(f"pages: {SERVER}\n", encoding="utf-8")
    try:
        linked = desk.build("ru").document
        page = RENDERERS["html"](linked).decode()
        found = parts(RENDERERS["docx"](linked))
        assert RENDERERS["pdf"](linked).count(SERVER.encode()) >= 1
    finally:
        settings.write_text(before, encoding="utf-8")
    addresses = [block.note.address for block in linked.blocks if isinstance(block, Chart | Table)]
    key = "rating=climate_world&edition=2019.2"
    assert addresses[0] == f"{SERVER}/editions?{key}&language=ru"
    assert f"{SERVER}/lineage/edition_rating?{key}&ref_area=moscow&language=ru" in addresses
    assert [unescape(each) for each in re.findall(r'<a href="(https:[^"]*)">', page)] == addresses
    targets = {each.get("Target") for each in found["word/_rels/footnotes.xml.rels"]}
    assert targets == set(addresses)
    assert len(list(found["word/footnotes.xml"].iter(f"{W}hyperlink"))) == len(addresses)
    # Without a server the page is named, and nothing links to it.
    named = RENDERERS["docx"](documents["ru"])
    assert "word/_rels/footnotes.xml.rels" not in parts(named)
    assert notes(named)[0].endswith(f" · /city-indicators/editions?{key}&language=ru")


def numbers(text: str) -> Counter[str]:
    """How often each number stands in a text; those within words, such as a checksum, are none."""
    return Counter(re.findall(r"(?<![\w.,-])\d+(?:[.,]\d+)*(?![\w-])", text, re.ASCII))


@pytest.mark.parametrize("language", LANGUAGES)
def test_libreoffice_prints_every_number_heading_and_footnote(
    documents: dict[str, Document], language: str, tmp_path: Path
) -> None:
    content = RENDERERS["docx"](documents[language])
    text = printed(content, tmp_path)
    word = docx.Document(BytesIO(content))
    cells = [cell.text for table in word.tables for row in table.rows for cell in row.cells]
    given = numbers("\n".join([*cells, *(paragraph.text for paragraph in word.paragraphs)]))
    assert sum(given.values()) > 500
    assert {each: count for each, count in given.items() if numbers(text)[each] < count} == {}
    plain = "".join(text.split())
    headings = [block.text for block in documents[language].blocks if isinstance(block, Heading)]
    assert [each for each in headings if "".join(each.split()) not in plain] == []
    assert [each for each in notes(content) if "".join(each.split()) not in plain] == []
