"""The controlled vocabularies are complete and have names in three languages."""

import shutil
from pathlib import Path

import pytest

from city_indicators.catalog.vocabularies import VOCABULARIES, load_vocabularies
from city_indicators.core.errors import CatalogueError
from city_indicators.core.paths import CATALOG
from city_indicators.intake.best_practices.models import COLUMNS, VOCABULARY_OF
from city_indicators.intake.best_practices.vocabulary import load_code_lists

SHIPPED = load_vocabularies()


def test_has_all_terms_of_the_award() -> None:
    sizes = {name: len(SHIPPED.terms(name)) for name in VOCABULARIES}
    assert sizes == {
        "cycles": 7,
        "stages": 8,
        "statuses": 2,
        "fields": 5,
        "innovation_types": 2,
        "innovation_kinds": 6,
        "criteria": 7,
        "sdgs": 17,
    }
    assert [cycle.year for cycle in SHIPPED.cycles] == [2012, 2014, 2016, 2018, 2020, 2023, 2025]


def test_every_term_has_a_source_and_translated_names() -> None:
    for vocabulary in VOCABULARIES:
        for term in getattr(SHIPPED, vocabulary):
            assert term.source, term
            assert any("а" <= letter <= "я" for letter in term.name.ru.casefold()), term
            assert any("\u4e00" <= letter <= "\u9fff" for letter in term.name.zh), term


def test_every_column_has_a_note_and_every_vocabulary_a_column() -> None:
    assert tuple(SHIPPED.columns) == COLUMNS
    assert set(VOCABULARY_OF.values()) == set(VOCABULARIES)


def test_has_every_country_of_iso_3166_once() -> None:
    code_lists = load_code_lists()
    assert len(code_lists.countries) == 249
    assert {"MWI", "SEN", "PSE", "LBN", "CHN"} <= code_lists.countries.keys()
    assert all(len(code) == 3 and code.isupper() for code in code_lists.countries)


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("  - id: winner", "  - id: medal", "the term 'medal' appears more than once"),
        ("  - id: ongoing", "  - id: On Going", "statuses.0.id"),
        ("title_likeness: 85", "title_likeness: 185", "title_likeness"),
    ],
)
def test_an_error_in_the_file_names_file_and_key(
    tmp_path: Path, before: str, after: str, message: str
) -> None:
    text = (CATALOG / "best_practices.yaml").read_text(encoding="utf-8")
    assert before in text
    (tmp_path / "best_practices.yaml").write_text(text.replace(before, after), encoding="utf-8")
    with pytest.raises(CatalogueError, match=r"best_practices\.yaml") as caught:
        load_vocabularies(tmp_path)
    assert message in str(caught.value)


def test_refuses_a_country_in_both_lists(tmp_path: Path) -> None:
    root = tmp_path / "catalog"
    shutil.copytree(CATALOG, root)
    with (root / "other_countries.csv").open("a", encoding="utf-8") as stream:
        stream.write("CHN,China,Китай,中国\n")
    with pytest.raises(CatalogueError, match=r"CHN: is in countries\.csv too"):
        load_code_lists(root)
