"""The declared documents are complete: ratings, chapters in each language, and no number typed by hand."""

from pathlib import Path

import pytest

from city_indicators.core.errors import CatalogueError, DocumentError
from city_indicators.core.languages import DECLARED
from city_indicators.core.paths import CATALOG
from city_indicators.delivery.documents.build import typed_numbers
from city_indicators.delivery.documents.declaration import (
    DOCUMENTS,
    SHARED,
    chapter_file,
    documents,
    load_document,
    load_settings,
)


@pytest.mark.parametrize("name", documents())
def test_a_document_is_of_a_rating_and_has_each_chapter_in_each_language(name: str) -> None:
    declared = load_document(name)
    assert (CATALOG / "ratings" / f"{declared.rating}.yaml").exists()
    for chapter in declared.chapters:
        files = [chapter_file(declared, chapter, language) for language in DECLARED]
        assert [number for file in files for number in typed_numbers(file, DOCUMENTS)] == []
        headings = [file.read_text(encoding="utf-8").count("\n## ") for file in files]
        assert len(set(headings)) == 1, (name, chapter, headings)


def test_every_shared_chapter_is_used() -> None:
    used = {chapter for name in documents() for chapter in load_document(name).chapters}
    shared = {file.name.partition(".")[0] for file in (DOCUMENTS / "shared").glob("*.md")}
    assert shared <= used


@pytest.mark.parametrize(
    ("pages", "is_right"),
    [
        ("/city-indicators", True),
        ("https://rating.example/city-indicators", True),
        ("http://127.0.0.1:8080/city-indicators", True),
        ("https://rating.example/", False),
        ("rating.example", False),
        ("javascript:alert(1)", False),
        ("https://rating.example/a b", False),
    ],
)
def test_the_address_of_the_pages_is_a_path_or_a_server(tmp_path: Path, pages: str, is_right: bool) -> None:
    (tmp_path / SHARED).mkdir()
    (tmp_path / SHARED / "settings.yaml").write_text(f"pages: {pages!r}\n", encoding="utf-8")
    if is_right:
        assert load_settings(tmp_path).pages == pages
    else:
        with pytest.raises(CatalogueError, match=r"settings\.yaml"):
            load_settings(tmp_path)


def test_an_unknown_document_is_refused_by_name() -> None:
    with pytest.raises(DocumentError, match=r"novel: is not declared.*climate_world"):
        load_document("novel")
