"""The controlled vocabularies of best practices: include/catalog/best_practices.yaml."""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Final, Self

from pydantic import Field, model_validator

from city_indicators.catalog.entry import Entry, Names
from city_indicators.catalog.load import parse, read_yaml
from city_indicators.core.paths import CATALOG

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
    """A term that a case may use; `source` names its origin."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9]+(_[a-z0-9]+)*$")]
    name: Names
    source: str = Field(min_length=1)


class Cycle(Term):
    """A cycle of the award and its year."""

    year: int


class Vocabularies(Entry):
    """Everything that include/catalog/best_practices.yaml declares; `title_likeness` from 0 to 100.

    `columns` describes each column of the template.
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
                raise ValueError(f"{name}: the term {again!r} appears more than once")
        return self

    def terms(self, vocabulary: str) -> tuple[str, ...]:
        """The ids of one vocabulary, in the declared order."""
        return tuple(term.id for term in getattr(self, vocabulary))


def load_vocabularies(root: Path = CATALOG) -> Vocabularies:
    """The vocabularies.

    Raises:
        CatalogueError: the file is wrong; names the key and the fault.
    """
    file = root / "best_practices.yaml"
    return parse(Vocabularies, read_yaml(file), file, "best_practices")


def _repeated(ids: Iterable[str]) -> str | None:
    return next((term for term, times in Counter(ids).items() if times > 1), None)
