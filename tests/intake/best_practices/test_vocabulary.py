"""The controlled vocabularies say what reference and data say, in three languages."""

import shutil
from pathlib import Path

import pytest

from city_indicators.catalog.vocabularies import VOCABULARIES, load_vocabularies
from city_indicators.core.errors import CatalogueError
from city_indicators.core.paths import CATALOG
from city_indicators.intake.best_practices.models import COLUMNS, VOCABULARY_OF
from city_indicators.intake.best_practices.vocabulary import load_code_lists

KNOWN = load_vocabularies()


def test_the_vocabularies_are_those_of_the_award() -> None:
    sizes = {name: len(KNOWN.terms(name)) for name in VOCABULARIES}
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
    assert [cycle.year for cycle in KNOWN.cycles] == [2012, 2014, 2016, 2018, 2020, 2023, 2025]


def test_every_term_has_a_source_and_names_in_the_script_of_the_language() -> None:
    for vocabulary in VOCABULARIES:
        for term in getattr(KNOWN, vocabulary):
            assert term.source, term
            assert any("а" <= letter <= "я" for letter in term.name.ru.casefold()), term
            assert any("\u4e00" <= letter <= "\u9fff" for letter in term.name.zh), term


def test_the_template_explains_every_column_and_every_vocabulary_has_one() -> None:
    assert tuple(KNOWN.columns) == COLUMNS
    assert set(VOCABULARY_OF.values()) == set(VOCABULARIES)


def test_every_country_of_iso_3166_is_known_once() -> None:
    code_lists = load_code_lists()
    assert len(code_lists.countries) == 249
    assert {"MWI", "SEN", "PSE", "LBN", "CHN"} <= code_lists.countries.keys()
    assert all(len(code) == 3 and code.isupper() for code in code_lists.countries)


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("  - id: winner", "  - id: medal", "the term 'medal' appears more than once"),
        ("  - id: ongoing", "  - id: On Going", "statuses.0.id"),
        ("title_likeness: 85", "title_likeness: 185", "title_likeness"),
    ],
)
def test_a_slip_in_the_file_names_it_and_the_key(tmp_path: Path, before: str, after: str, told: str) -> None:
    text = (CATALOG / "best_practices.yaml").read_text(encoding="utf-8")
    assert before in text
    (tmp_path / "best_practices.yaml").write_text(text.replace(before, after), encoding="utf-8")
    with pytest.raises(CatalogueError, match=r"best_practices\.yaml") as caught:
        load_vocabularies(tmp_path)
    assert told in str(caught.value)


def test_a_country_may_not_stand_in_both_lists(tmp_path: Path) -> None:
    root = tmp_path / "catalog"
    shutil.copytree(CATALOG, root)
    with (root / "other_countries.csv").open("a", encoding="utf-8") as stream:
        stream.write("CHN,China,Китай,中国\n")
    with pytest.raises(CatalogueError, match=r"CHN: is in countries\.csv too"):
        load_code_lists(root)
