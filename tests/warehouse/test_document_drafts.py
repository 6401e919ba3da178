"""Drafts of documents: marked on each page, made from a proposal that is not published."""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from shutil import copytree

import docx
import pytest
from lxml import html

from city_indicators.__main__ import main
from city_indicators.core.archive import Archive
from city_indicators.delivery.documents.build import build
from city_indicators.delivery.documents.declaration import SHARED
from city_indicators.delivery.documents.edition import Computed
from city_indicators.delivery.documents.formats import RENDERERS
from city_indicators.delivery.documents.keep import keep_drafts
from city_indicators.delivery.exports.tables import reading
from city_indicators.ingest.verify_archive import lacking
from city_indicators.reports.editions.freeze import propose
from standalone.postgres import Server
from tests.queries import rows
from tests.warehouse.documented import AT, METHOD, Desk, declare, opened, text_of_pdf

LANGUAGES = ("en", "ru", "zh")


@pytest.fixture(scope="module")
def desk(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with opened(server, tmp_path_factory.mktemp("drafts")) as made:
        yield made


def test_drafts_say_so_on_each_page_and_leave_no_edition(desk: Desk, tmp_path: Path) -> None:
    archive = Archive(desk.folder.parent / "archive")
    only = desk.folder.parent / "drafted"
    for name, chapters in (("draft", "summary, ranking"), ("wrong", "missing_chapter")):
        only.mkdir(exist_ok=True)
        declare(only, name, chapters)
    copytree(desk.folder / SHARED, only / SHARED)
    editions = "select edition, checksum from report.edition order by edition"
    before = rows(desk.warehouse, editions)
    with desk.warehouse.begin() as connection:
        proposal = propose(connection, METHOD.id, "2019", "Next", lambda: AT)
    found = keep_drafts(desk.warehouse, archive, proposal, AT, only)
    assert rows(desk.warehouse, editions) == before
    files = [f"draft-2019.3-draft.{language}.pdf" for language in LANGUAGES]
    assert list(found) == [*files, "wrong"]
    assert "missing_chapter.en.md" in found["wrong"]
    marks = ("Draft, not approved", "Черновик, не утверждён", "草案，未经批准")
    for file, mark in zip(files, marks, strict=True):
        pages = text_of_pdf(archive.read(found[file]), tmp_path).split("\f")[:-1]
        assert len(pages) > 2
        assert all(mark in page for page in pages)
    # A draft is no document of an edition.
    assert rows(desk.warehouse, "select 1 from archive.document where edition = '2019.3'") == []
    assert lacking(desk.warehouse, archive) == []


def test_a_draft_in_word_and_html_says_so(desk: Desk) -> None:
    with reading(desk.warehouse) as connection:
        computed = Computed.of(connection, METHOD.id, "2019.2")
        document = build(computed, "trial", "en", desk.folder, is_draft=True).document
    word = docx.Document(BytesIO(RENDERERS["docx"](document)))
    assert word.sections[0].header.paragraphs[0].text == "Draft, not approved"
    page = html.fromstring(RENDERERS["html"](document).decode())
    assert [each.text for each in page.xpath("//p[@class='draft']")] == ["Draft, not approved"]
    # The page of an edition that is not published does not exist.
    assert "city-indicators/" not in page.text_content()


def test_the_command_writes_a_draft_of_a_year(desk: Desk, tmp_path: Path) -> None:
    url = desk.warehouse.url.render_as_string(hide_password=False)
    out = tmp_path / "draft.pdf"
    arguments = ["document", "climate_world", "--draft", "2019", "--out", str(out), "--warehouse", url]
    assert main(arguments) == 0
    assert "Draft, not approved" in text_of_pdf(out.read_bytes(), tmp_path)
    assert main([*arguments[:3], "1991", *arguments[4:]]) == 2
