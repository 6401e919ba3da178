"""The controlled vocabularies of include/catalog/cases.yaml, and what else a case is checked against."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final, Self

from pydantic import Field, model_validator

from city_indicators.catalog import load_catalogue
from city_indicators.catalog.entry import Entry, Names
from city_indicators.catalog.load import parse, read_pairs, read_yaml
from city_indicators.core.errors import CatalogueError
from city_indicators.core.paths import CATALOG
from city_indicators.sources.places import folded

VOCABULARIES: Final = (
    "cycles",
    "stages",
    "statuses",
    "fields",
    "innovation_types",
    "innovation_kinds",
    "criteria",
    "sdgs",
)


class Term(Entry):
    """A word that a case may use; `source` says who uses it so."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9]+(_[a-z0-9]+)*$")]
    name: Names
    source: str = Field(min_length=1)


class Cycle(Term):
    """A cycle of the award and the year that it is named after."""

    year: int


class Vocabularies(Entry):
    """Everything that include/catalog/cases.yaml declares; `title_likeness` from 0 to 100.

    `columns` says what each column of the template holds.
    """

    title_likeness: float = Field(gt=0, le=100)
    cycles: tuple[Cycle, ...] = Field(min_length=1)
    stages: tuple[Term, ...] = Field(min_length=1)
    statuses: tuple[Term, ...] = Field(min_length=1)
    fields: tuple[Term, ...] = Field(min_length=1)
    innovation_types: tuple[Term, ...] = Field(min_length=1)
    innovation_kinds: tuple[Term, ...] = Field(min_length=1)
    criteria: tuple[Term, ...] = Field(min_length=1)
    sdgs: tuple[Term, ...] = Field(min_length=1)
    columns: dict[str, Names]

    @model_validator(mode="after")
    def _each_term_once(self) -> Self:
        for name in VOCABULARIES:
            if again := _repeated(self.terms(name)):
                raise ValueError(f"{name}: the term {again!r} stands more than once")
        return self

    def terms(self, vocabulary: str) -> tuple[str, ...]:
        """The ids of one vocabulary, in the declared order."""
        return tuple(term.id for term in getattr(self, vocabulary))


@dataclass(frozen=True)
class Reference:
    """What a case is checked against.

    `countries` maps ISO 3166-1 alpha-3 codes to English names, `cities` a country's code and a
    folded name in any of our three languages to the ref_area of one of our cities.
    """

    vocabularies: Vocabularies
    countries: dict[str, str]
    cities: dict[tuple[str, str], str]
    indicators: frozenset[str]

    def ref_area(self, country: str, city: str) -> str | None:
        """Our city of exactly that name in that country, if it is one of ours."""
        return self.cities.get((country, folded(city)))


def load_vocabularies(root: Path = CATALOG) -> Vocabularies:
    """The vocabularies.

    Raises:
        CatalogueError: the file is wrong; names the key and the fault.
    """
    file = root / "cases.yaml"
    return parse(Vocabularies, read_yaml(file), file, "cases")


def load_reference(root: Path = CATALOG) -> Reference:
    """The vocabularies, countries, cities and indicators that a case may name.

    Raises:
        CatalogueError: a file of the catalogue is wrong.
    """
    known = load_catalogue(root)
    countries = {code: country.name_en for code, country in known.countries.items()}
    return Reference(
        vocabularies=load_vocabularies(root),
        countries=countries | _other_countries(root / "other_countries.csv", countries),
        cities={
            (city.country, folded(name)): city.ref_area
            for city in known.cities.values()
            for name in (city.name_en, city.name_ru, city.name_zh)
        },
        indicators=frozenset(known.indicators),
    )


def _other_countries(file: Path, ours: dict[str, str]) -> dict[str, str]:
    others = read_pairs(file, "country", "name_en")
    if both := others.keys() & ours.keys():
        raise CatalogueError(file, min(both), "stands in countries.csv too")
    return others


def _repeated(ids: Iterable[str]) -> str | None:
    return next((term for term, times in Counter(ids).items() if times > 1), None)
