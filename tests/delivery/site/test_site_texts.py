"""The texts of a site exist in each language, with the same headings and no number typed by hand."""

from pathlib import Path

import pytest

from city_indicators.core.languages import DECLARED
from city_indicators.delivery.documents.build import typed_numbers
from city_indicators.delivery.documents.declaration import DOCUMENTS, SHARED
from city_indicators.delivery.site.pages import METHOD, TEXTS


@pytest.mark.parametrize(
    ("folder", "chapter"), [(TEXTS, "start"), *((DOCUMENTS / SHARED, each) for each in ("ranking", *METHOD))]
)
def test_a_chapter_is_complete_in_each_language(folder: Path, chapter: str) -> None:
    files = [folder / f"{chapter}.{language}.md" for language in DECLARED]
    texts = [file.read_text(encoding="utf-8") for file in files]
    assert len({(text.count("\n## "), text.count("{{")) for text in texts}) == 1
    assert [number for file in files for number in typed_numbers(file, file.parent)] == []
