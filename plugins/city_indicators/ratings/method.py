"""A rating method as declared in include/catalog/ratings, one file a method."""

from pathlib import Path
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from city_indicators.catalog.entry import Entry, Identifier, Names
from city_indicators.catalog.load import parse, read_yaml
from city_indicators.catalog.models import Catalogue
from city_indicators.errors import CatalogueError
from city_indicators.paths import CATALOG


def _rising(bounds: tuple[float, float]) -> tuple[float, float]:
    if bounds[0] >= bounds[1]:
        raise ValueError(f"{list(bounds)} must rise")
    return bounds


Share = Annotated[float, Field(ge=0, le=1)]
Weight = Annotated[float, Field(gt=0)]


class MethodIndicator(Entry):
    """An indicator's place in a pillar; goalposts in the indicator's unit, `best` may be lower."""

    indicator: str
    weight: Weight
    worst: float
    best: float
    rationale: str

    @model_validator(mode="after")
    def _goalposts_differ(self) -> Self:
        if self.worst == self.best:
            raise ValueError("worst and best must differ")
        return self


class Pillar(Entry):
    """A group of indicators whose weighted mean is one part of the score."""

    id: Identifier
    name: Names
    weight: Weight
    indicators: list[MethodIndicator] = Field(min_length=1)


class Coverage(Entry):
    """The least shares of indicators with a figure, overall and in every pillar, to be ranked."""

    overall: Share
    per_pillar: Share


class Method(Entry):
    """A versioned rating method. Scores run over `scale`; higher is better."""

    id: Identifier
    version: Annotated[str, Field(pattern=r"^\d+\.\d+\.\d+$")]
    name: Names
    scale: Annotated[tuple[float, float], AfterValidator(_rising)]
    max_age_years: int = Field(ge=0)
    coverage: Coverage
    pillars: list[Pillar] = Field(min_length=1)

    @model_validator(mode="after")
    def _well_formed(self) -> Self:
        pillars = [pillar.id for pillar in self.pillars]
        if repeated := {p for p in pillars if pillars.count(p) > 1}:
            raise ValueError(f"the pillars {sorted(repeated)} stand in the method more than once")
        indicators = self.indicators
        if repeated := {i for i in indicators if indicators.count(i) > 1}:
            raise ValueError(f"{sorted(repeated)} stand in the method more than once")
        return self

    @property
    def indicators(self) -> list[str]:
        """The indicators of all pillars, in order."""
        return [entry.indicator for pillar in self.pillars for entry in pillar.indicators]


def load_methods(catalogue: Catalogue, root: Path = CATALOG) -> dict[str, Method]:
    """All methods by id.

    Raises:
        CatalogueError: a file is wrong or names an indicator that the catalogue does not have.
    """
    methods = {}
    for file in sorted((root / "ratings").glob("*.yaml")):
        method = parse(Method, read_yaml(file), file, "rating")
        if method.id != file.stem:
            raise CatalogueError(file, "id", f"is {method.id!r}, but the file is named {file.stem!r}")
        if unknown := [i for i in method.indicators if i not in catalogue.indicators]:
            raise CatalogueError(file, "pillars", f"{unknown} are not in include/catalog/indicators")
        for pillar in method.pillars:
            for entry in pillar.indicators:
                _check_direction(entry, catalogue.indicators[entry.indicator].direction, file)
        methods[method.id] = method
    return methods


def _check_direction(entry: MethodIndicator, direction: str, file: Path) -> None:
    rises = entry.best > entry.worst
    if (direction == "higher" and not rises) or (direction == "lower" and rises):
        raise CatalogueError(
            file,
            entry.indicator,
            f"goalposts {entry.worst:g} → {entry.best:g} go against its direction, "
            f"{direction!r} in include/catalog/indicators",
        )
