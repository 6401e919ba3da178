"""The texts of a site exist in each language, with the same headings and no number typed by hand."""

import pytest

from city_indicators.core.languages import DECLARED
from city_indicators.delivery.documents.build import typed_numbers
from city_indicators.delivery.site.main_pages import MEGATRENDS, METHOD
from city_indicators.delivery.site.practice_pages import CASE
from city_indicators.delivery.site.single_pages import PAIR
from city_indicators.delivery.site.writer import FOLDERS


@pytest.mark.parametrize("chapter", ["start", "ranking", "coverage", *METHOD, *MEGATRENDS, *PAIR, *CASE])
def test_a_chapter_is_complete_in_each_language(chapter: str) -> None:
    (folder,) = [each for each in FOLDERS if (each / f"{chapter}.en.md").exists()]
    files = [folder / f"{chapter}.{language}.md" for language in DECLARED]
    texts = [file.read_text(encoding="utf-8") for file in files]
    assert len({(text.count("\n## "), text.count("{{")) for text in texts}) == 1
    assert [number for file in files for number in typed_numbers(file, file.parent)] == []
