"""A language is added by its catalogues and one line: it then shows on every page and in every export.

The language is a pseudo-translation: each message and each declared name between brackets.
"""

import csv
import io
import json
import re
import shutil
import zipfile
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from babel.messages.catalog import Catalog
from sqlalchemy import create_engine

from city_indicators.catalog import load_catalogue
from city_indicators.core import languages as module
from city_indicators.core.languages import file_of, languages, names, words
from city_indicators.core.paths import LOCALE
from city_indicators.delivery.exports import Format
from city_indicators.delivery.translations import declared_names, messages, text_of, update
from city_indicators.delivery.web.render import environment
from city_indicators.intake.best_practices import template
from city_indicators.intake.submissions import form
from city_indicators.intake.submissions.answer import unreadable
from city_indicators.warehouse.report_tables import report_tables
from standalone.postgres import Server
from tests.warehouse.exported import exported
from tests.warehouse.site import EDITION, MOSCOW, Site, opened

HINDI = "hi"
CACHES = (languages, words, names, environment)
PAGES = (
    *("/ratings?", "/ratings?period=2019&", "/city/moscow?", f"/lineage/rating?{MOSCOW}&", "/editions?"),
    *(f"{EDITION}&", "/quality?", "/downloads?", "/overview?", "/loads?", "/loads/2?"),
    *("/backfill-plan?", "/backfill-plan/1?"),
)
ENGLISH_STAYS = {"Air", "BRICS", "ranked"}
"""A pillar of the method of these tests, and codes that equal their English labels."""


def pseudo(text: str) -> str:
    return f"⟦{text}⟧"


def translated(collected: Catalog) -> bytes:
    made = update(HINDI, collected)
    for message in made:
        if message.id:
            message.string = (
                pseudo(message.id) if isinstance(message.id, str) else tuple(map(pseudo, message.id))
            )
    return text_of(made)


@pytest.fixture(scope="module", autouse=True)
def hindi(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A copy of include/locale with one folder and one line more."""
    folder = tmp_path_factory.mktemp("include") / "locale"
    shutil.copytree(LOCALE, folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "LOCALE", folder)
        patch.setattr(module, "FILE", folder / "languages.yaml")
        for collected in (messages(), declared_names()):
            file = file_of(HINDI, str(collected.domain))
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(translated(collected))
        with (folder / "languages.yaml").open("a", encoding="utf-8") as listed:
            listed.write(f"{HINDI}: हिन्दी\n")
        for cache in CACHES:
            cache.cache_clear()
        yield
    for cache in CACHES:
        cache.cache_clear()


@pytest.fixture(scope="module")
def site(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The site of these tests."""
    with opened(server, tmp_path_factory.mktemp("pages")) as made:
        yield made


@pytest.fixture(scope="module")
def english() -> set[str]:
    """Every message and every declared name as it stands in the code and the catalogue."""
    found = [each.id for catalogue in (messages(), declared_names()) for each in catalogue if each.id]
    return {text if isinstance(text, str) else text[0] for text in found} - ENGLISH_STAYS


class Texts(HTMLParser):
    """The texts that a reader sees, those of titles and labels included."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.hidden = False
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.hidden = tag == "style"
        self.found += [value for name, value in attributes if name == "aria-label" and value]

    def handle_data(self, data: str) -> None:
        if not self.hidden and data.strip():
            self.found.append(data.strip())


@pytest.mark.parametrize("path", PAGES)
def test_every_page_is_in_the_language(site: Site, path: str, english: set[str]) -> None:
    page = site.page(f"{path}language={HINDI}")
    assert f'<html lang="{HINDI}">' in page
    # A label may end in a colon, and a name may stand between separators.
    left = (re.split(r"[·:;]\s", re.sub("⟦.*?⟧", "", f"{text} ")) for text in Texts(page).found)
    assert {part.strip() for parts in left for part in parts} & english == set()
    assert page.count("⟦") >= 5


def test_the_choice_of_languages_has_one_more(site: Site) -> None:
    options = re.findall(r'<option value="(..)"', site.page(f"/editions?language={HINDI}"))
    assert options == ["en", "ru", "zh", HINDI]


def test_numbers_are_those_of_the_language(site: Site) -> None:
    page = site.page(f"/city/moscow?language={HINDI}")
    assert "50,000</a>" in page


def export(site: Site, format_: Format, name: str = "report.rating") -> bytes:
    # The command; the process of a download would not see the language of these tests.
    return exported(create_engine(site.url), name, format_, language=HINDI).getvalue()


def test_csv_has_the_names(site: Site) -> None:
    rows = list(csv.DictReader(io.StringIO(export(site, "csv").decode())))
    cities = {row["city_name_hi"] for row in rows if row["ref_area"] == "moscow"}
    assert cities == {"⟦Moscow⟧"}
    columns = list(rows[0])
    assert columns[columns.index("city_name_zh") + 1] == "city_name_hi"


def test_parquet_has_the_names(site: Site) -> None:
    table = pq.read_table(io.BytesIO(export(site, "parquet")))
    assert "⟦Moscow⟧" in table.column("city_name_hi").to_pylist()


def test_a_data_package_documents_the_names(site: Site) -> None:
    with zipfile.ZipFile(io.BytesIO(export(site, "package"))) as bundle:
        descriptor = json.loads(bundle.read("datapackage.json"))
        rows = list(csv.DictReader(io.StringIO(bundle.read("rating.csv").decode())))
    fields = {field["name"]: field for field in descriptor["resources"][0]["schema"]["fields"]}
    assert fields["city_name_hi"]["title"] == "City (hi)"
    assert "⟦Moscow⟧" in {row["city_name_hi"] for row in rows}


@pytest.mark.parametrize(
    "name", ["report.rating", "report.best_practice", "report.city_profile", "observations"]
)
def test_a_workbook_is_in_the_language_alone(site: Site, name: str, english: set[str]) -> None:
    import openpyxl

    book = openpyxl.load_workbook(io.BytesIO(export(site, "xlsx", name)))
    cells = {
        cell
        for sheet in book
        for row in sheet.iter_rows(values_only=True)
        for cell in row
        if isinstance(cell, str)
    }
    heads = [cell.value for cell in book.worksheets[0][1]]
    assert not any(str(head).startswith(("city_name", "indicator_name")) for head in heads)
    # A table also shows the names of its columns, which may equal an English word.
    columns = {column for table in report_tables().values() for column in table.columns}
    assert cells & english - columns == set()
    assert sum("⟦" in cell for cell in cells) > 10


def test_the_forms_have_the_language(tmp_path: Path) -> None:
    import openpyxl

    form.write(tmp_path / "form.xlsx", load_catalogue(), "moscow", "2024")
    template.write(tmp_path / "cases.xlsx")
    for file in ("form.xlsx", "cases.xlsx"):
        notes = openpyxl.load_workbook(tmp_path / file)["notes"]
        cells = [str(cell) for row in notes.iter_rows(values_only=True) for cell in row if cell]
        assert "हिन्दी" in cells
        assert sum("⟦" in cell for cell in cells) > 10
    assert "⟦The file was not read; nothing was loaded.⟧" in unreadable("form.csv", "it is empty")
