"""The data dictionary is true."""

from city_indicators.catalog.dictionary import FILE, dictionary
from city_indicators.catalog.load import load_catalogue


def test_the_dictionary_says_what_the_catalogue_says() -> None:
    assert FILE.read_text(encoding="utf-8") == dictionary(load_catalogue()), "run `make docs`"
