"""The model of a best-practice case. It validates cells as text; each fault names the rule that fails."""

import re
from datetime import date
from typing import Annotated, Any, Final, NoReturn, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationInfo,
    computed_field,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from city_indicators.intake.best_practices.vocabulary import CodeLists

FIRST_YEAR: Final = 1900
SEPARATOR: Final = ";"
YEAR: Final = re.compile(r"[12]\d{3}")
DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
# Pages of the award's first cycles have http addresses.
PAGE: Final = re.compile(r"https?://[^\s/]+\.[^\s/]+(/\S*)?")
SECURE_PAGE: Final = re.compile(r"https://[^\s/]+\.[^\s/]+(/\S*)?")

VOCABULARY_OF: Final = {
    "cycle": "cycles",
    "stage": "stages",
    "status": "statuses",
    "field": "fields",
    "innovation_type": "innovation_types",
    "innovation_kind": "innovation_kinds",
    "sdgs": "sdgs",
    "criteria": "criteria",
}
"""The columns with controlled terms, and the vocabulary of each."""


def refuse(rule: str, reason: str) -> NoReturn:
    """Raise a validation error with a rule and a reason for the person who wrote the value."""
    # A message with braces would be taken for a template.
    raise PydanticCustomError(rule, "{reason}", {"reason": reason})


def _parts(cell: Any) -> Any:
    """Split a cell with several values; repeated values are removed."""
    if not isinstance(cell, str):
        return cell or ()
    return tuple(dict.fromkeys(part.strip() for part in cell.split(SEPARATOR) if part.strip()))


def _page(link: str) -> str:
    if not PAGE.fullmatch(link):
        refuse("link", f"{link!r} is not the address of a page: it begins with https:// (or http://)")
    return link


def _secure_page(link: str) -> str:
    if not SECURE_PAGE.fullmatch(link):
        refuse("secure_link", f"{link!r} is not the address of a page that begins with https://")
    return link


def _year(cell: Any) -> Any:
    if isinstance(cell, str) and not YEAR.fullmatch(cell):
        refuse("year", f"{cell!r} is not a year of four digits")
    return cell


def _day(cell: Any) -> Any:
    if isinstance(cell, str) and not DAY.fullmatch(cell):
        refuse("date", f"{cell!r} is not a date written year-month-day, as in 2026-03-31")
    return cell


Text = Annotated[str, Field(min_length=1, max_length=5000)]
Title = Annotated[str, Field(min_length=1, max_length=500)]
Parts = Annotated[tuple[str, ...], BeforeValidator(_parts)]


class Case(BaseModel):
    """One best-practice case. The order of the fields is the order of the template's columns.

    The validation context is `{"code_lists": CodeLists, "on": date}`: the code lists, and the day of
    reading, after which dates are in the future.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    case_id: Annotated[str, Field(max_length=100)]
    city: Annotated[str, Field(min_length=1, max_length=200)]
    country: str
    name_en: Title | None = None
    name_ru: Title | None = None
    name_zh: Title | None = None
    cycle: str | None = None
    stage: str | None = None
    status: str | None = None
    field: str | None = None
    innovation_type: str | None = None
    innovation_kind: str | None = None
    sdgs: Parts = ()
    criteria: Parts = ()
    start_year: Annotated[int | None, BeforeValidator(_year)] = None
    indicator: str | None = None
    outcome: Text | None = None
    links: Annotated[
        tuple[Annotated[str, AfterValidator(_page)], ...], BeforeValidator(_parts), Field(min_length=1)
    ]
    evidence_links: Annotated[
        tuple[Annotated[str, AfterValidator(_secure_page)], ...], BeforeValidator(_parts)
    ] = ()
    submitted_on: Annotated[date | None, BeforeValidator(_day)] = None
    note: Text | None = None

    _ref_area: str | None = None

    @computed_field  # type: ignore[prop-decorator]
    @property
    def ref_area(self) -> str | None:
        """The ref_area of the city if the catalogue has exactly this name and country; never guessed."""
        return self._ref_area

    @field_validator("case_id")
    @classmethod
    def _is_slug(cls, value: str) -> str:
        if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", value):
            refuse("slug", f"{value!r} is not made of a-z, 0-9 and single hyphens, as in moscow-green-belt")
        return value

    @field_validator("country")
    @classmethod
    def _is_country(cls, value: str, info: ValidationInfo) -> str:
        if value not in _code_lists(info).countries:
            refuse("country", f"{value!r} is not an ISO 3166-1 code of three capital letters, as in CHN")
        return value

    @field_validator(*VOCABULARY_OF)
    @classmethod
    def _is_term(cls, value: Any, info: ValidationInfo) -> Any:
        known = _code_lists(info).vocabularies.terms(VOCABULARY_OF[str(info.field_name)])
        for term in value if isinstance(value, tuple) else (value,):
            if term is not None and term not in known:
                refuse("vocabulary", f"{term!r} is none of: {', '.join(known)}")
        return value

    @field_validator("indicator")
    @classmethod
    def _is_indicator(cls, value: str | None, info: ValidationInfo) -> str | None:
        if value is not None and value not in _code_lists(info).indicators:
            refuse("indicator", f"the catalogue has no indicator {value!r}; see include/catalog/indicators")
        return value

    @field_validator("submitted_on")
    @classmethod
    def _is_not_future(cls, value: date | None, info: ValidationInfo) -> date | None:
        if value is not None and value > _on(info):
            refuse("future", f"{value} is in the future")
        return value

    @field_validator("start_year")
    @classmethod
    def _is_plausible_year(cls, value: int | None, info: ValidationInfo) -> int | None:
        if value is not None and not FIRST_YEAR <= value <= _on(info).year:
            refuse("plausible_year", f"{value} is not from {FIRST_YEAR} to {_on(info).year}")
        return value

    @model_validator(mode="after")
    def _fits_together(self, info: ValidationInfo) -> Self:
        if self.stage and not self.cycle:
            refuse("stage_of_cycle", "a stage of the award needs the `cycle` in which it was reached")
        # The published lists of the award often name only the city; such an entry is a valid case.
        if not self.name_en and not self.stage:
            refuse("name_or_stage", "a case needs `name_en`, unless it is an entry of the award's lists")
        if self.submitted_on and self.start_year and self.start_year > self.submitted_on.year:
            refuse("begun_before", f"it began in {self.start_year}, after its submission {self.submitted_on}")
        self._ref_area = _code_lists(info).ref_area(self.country, self.city)
        return self


COLUMNS: Final = tuple(Case.model_fields)
"""The columns of the template."""

REQUIRED: Final = tuple(name for name, field in Case.model_fields.items() if field.is_required())
"""The columns without which a file cannot be read."""


def _code_lists(info: ValidationInfo) -> CodeLists:
    code_lists: CodeLists = (info.context or {})["code_lists"]
    return code_lists


def _on(info: ValidationInfo) -> date:
    day: date = (info.context or {})["on"]
    return day
