"""Base classes and types of the catalogue objects."""

from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from city_indicators.core.languages import name_in

Identifier = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_-]*$")]
ESTIMATED: Final = ("E", "I")
"""The statuses of values that nobody observed: estimated or imputed."""
GeoBasis = Literal[
    "city",
    "metro",
    "agglomeration",
    "urban_centre",
    "urban_centre_merged",
    "urban_centre_part",
    "region",
    "country",
]
Direction = Literal["higher", "lower", "context"]
ObsStatus = Literal["A", "B", "E", "F", "P", "U"]


class Entry(BaseModel):
    """Base of all catalogue objects: unknown keys and infinite numbers are faults, objects do not change."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Names(Entry):
    """The name, or another text, of a declared thing."""

    en: str = Field(min_length=1)
    ru: str = Field(min_length=1)
    zh: str = Field(min_length=1)

    def in_language(self, language: str) -> str:
        """The text in any language of include/locale."""
        return name_in(language, self.model_dump(), prefix="")
