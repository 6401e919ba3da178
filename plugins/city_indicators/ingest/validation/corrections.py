"""Applies declared corrections (include/corrections): sets, scales, flags or drops wrong published values."""

import math
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self

import pandas as pd
from pydantic import BeforeValidator, Field, model_validator

from city_indicators.catalog.entry import Entry, Identifier, ObsStatus
from city_indicators.catalog.load import parse, read_yaml
from city_indicators.catalog.models import Catalogue
from city_indicators.catalog.source import Source
from city_indicators.core.errors import CatalogueError, CorrectionExpiredError
from city_indicators.core.paths import CORRECTIONS
from city_indicators.ingest.categories import plain
from city_indicators.ingest.normalise import related
from city_indicators.sources.records import as_number

DROPPED: Final = "dropped_by_correction"
"""The rule that rejects a dropped observation."""

ARGUMENTS: Final = {"set": "value", "scale": "factor", "flag": "obs_status"}
"""The key that each action requires; `drop` requires none."""

RELATIONS: Final = ["occurrence", "distinct_values", "shortfall"]

Number = Annotated[float, Field(allow_inf_nan=False)]


def _listed(value: Any) -> Any:
    """Convert one value or a list to a tuple of texts: a year is a number in YAML."""
    if value is None:
        return None
    return tuple(str(each) for each in (value if isinstance(value, list) else [value]))


OneOrMore = Annotated[tuple[str, ...], BeforeValidator(_listed), Field(min_length=1)]


class Match(Entry):
    """Selects observations by indicator, place (`ref_area` or the source's `area_code`) and period."""

    indicator: OneOrMore
    ref_area: OneOrMore | None = None
    area_code: OneOrMore | None = None
    time_period: OneOrMore | None = None

    @model_validator(mode="after")
    def _names_places(self) -> Self:
        if self.ref_area is None and self.area_code is None:
            raise ValueError("give `ref_area` or `area_code`")
        return self

    def of(self, observations: pd.DataFrame) -> "pd.Series[bool]":
        """Whether each row matches."""
        matches = pd.Series(True, index=observations.index)
        for column, wanted in self.model_dump(exclude_none=True).items():
            matches &= observations[column].isin(wanted)
        return matches


class Reported(Entry):
    """Whether the error was reported to the publisher: to whom, on which day, and its status."""

    status: Literal["not_reported", "reported", "acknowledged", "fixed"]
    to: str | None = None
    on: date | None = None

    @model_validator(mode="after")
    def _names_recipient(self) -> Self:
        if self.status != "not_reported" and (self.to is None or self.on is None):
            raise ValueError(f"{self.status}: give `to` (whom) and `on` (the day)")
        return self


class Correction(Entry):
    """One correction of the observations that `match` names.

    `value` is in the unit of the stored observation, `factor` has no unit. `expect` is the value that the
    publisher gives today, a number or a text in its own unit: the correction fails once the publisher gives
    another value. An observation that already has a fault is not corrected.
    """

    id: Identifier
    since: date
    match: Match
    action: Literal["set", "scale", "drop", "flag"]
    value: Number | None = None
    factor: Number | None = None
    obs_status: ObsStatus | None = None
    reason: str = Field(min_length=1)
    reference: Annotated[str, Field(pattern=r"^https://\S+$")]
    reported: Reported
    expect: Number | str | None = None

    @model_validator(mode="after")
    def _has_the_key_of_its_action(self) -> Self:
        given = {key for key in ARGUMENTS.values() if getattr(self, key) is not None}
        wanted = {ARGUMENTS[self.action]} if self.action in ARGUMENTS else set()
        if given != wanted:
            raise ValueError(f"{self.action} requires {sorted(wanted) or 'no key'}, got {sorted(given)}")
        return self


class CorrectionsFile(Entry):
    """The content of include/corrections/<source>.yaml."""

    corrections: tuple[Correction, ...]


@dataclass(frozen=True)
class Corrections:
    """The corrections of one source in the order of their application."""

    file: Path
    corrections: tuple[Correction, ...] = ()


@dataclass(frozen=True)
class Application:
    """A correction applied to one observation. Values are in the stored unit; None if not a number."""

    correction: Correction
    url: str
    pointer: str
    ref_area: str | None
    indicator: str
    time_period: str
    value_as_published: str
    value_before: float | None
    value_after: float | None
    status_before: str | None
    status_after: str | None

    def row(self) -> dict[str, Any]:
        """The columns of quality.correction_applied, without those of the load and the fetch."""
        correction = self.correction
        return {
            **{key: value for key, value in vars(self).items() if key not in ("correction", "url")},
            "correction": correction.id,
            "action": correction.action,
            "reason": correction.reason,
            "reference": correction.reference,
            "declared": correction.model_dump_json(exclude_none=True),
        }

    def summary(self) -> str:
        """The application in one line."""
        observation = f"{self.ref_area} {self.indicator} {self.time_period}"
        before = f"{self.value_before} {self.status_before}"
        after = f"{self.value_after} {self.status_after}"
        change = "dropped" if self.correction.action == "drop" else f"{before} -> {after}"
        return f"{self.correction.id}: {observation}: {change}"


@dataclass(frozen=True)
class Corrected:
    """Corrected observations, with the same columns and rows as before, and the corrections applied."""

    observations: pd.DataFrame
    applications: tuple[Application, ...]


def load_corrections(source: Source, root: Path | None = None) -> Corrections:
    """Load the corrections of a source; none if it has no file.

    Raises:
        CatalogueError: the file is wrong, or names an indicator that the source does not give.
    """
    file = (root or CORRECTIONS) / f"{source.id}.yaml"
    if not file.exists():
        return Corrections(file)
    corrections = parse(CorrectionsFile, read_yaml(file), file, "ledger").corrections
    given = {series.indicator for series in source.series}
    ids: set[str] = set()
    for correction in corrections:
        if correction.id in ids:
            raise CatalogueError(file, correction.id, "is declared more than once")
        ids.add(correction.id)
        if unknown := sorted(set(correction.match.indicator) - given):
            raise CatalogueError(
                file, f"{correction.id}.match.indicator", f"{source.id} does not give {unknown}"
            )
    return Corrections(file, corrections)


def correct(
    observations: pd.DataFrame, source: Source, catalogue: Catalogue, root: Path | None = None
) -> Corrected:
    """Apply the declared corrections of a source to its observations (normalise.COLUMNS).

    Raises:
        CatalogueError: the file is wrong, or names a place that the catalogue does not have.
        CorrectionExpiredError: the publisher gives another value than a correction expects.
    """
    declared = load_corrections(source, root)
    if not declared.corrections:
        return Corrected(observations, ())
    places = {*catalogue.cities, *catalogue.countries}
    for correction in declared.corrections:
        if unknown := sorted({*(correction.match.ref_area or ())} - places):
            raise CatalogueError(
                declared.file, f"{correction.id}.match.ref_area", f"{unknown} is neither a city nor a country"
            )
    corrected = apply(plain(observations), declared)
    if not corrected.applications:
        return corrected
    return Corrected(_related(corrected.observations, catalogue), corrected.applications)


def apply(observations: pd.DataFrame, declared: Corrections) -> Corrected:
    """Apply corrections one after the other; one that matches no row is ignored.

    The value as published stays. A dropped row gets a fault, so that the row rules reject it.

    Raises:
        CorrectionExpiredError: the publisher gives another value than a correction expects.
    """
    # The type of an empty column is not determined by its values.
    corrected = observations.astype({"obs_value": float, "fault": object, "fault_reason": object})
    applications = []
    for correction in declared.corrections:
        matching = corrected[correction.match.of(corrected) & corrected["fault"].isna()]
        for index, row in zip(matching.index, matching.to_dict("records"), strict=True):
            _check_expected(correction, row, declared.file)
            changes = _changes(correction, row)
            for column, value in changes.items():
                corrected.loc[index, column] = value
            applications.append(_application(correction, row, changes))
    return Corrected(corrected, tuple(applications))


def _check_expected(correction: Correction, row: dict[Any, Any], file: Path) -> None:
    expected, published = correction.expect, row["value_as_published"]
    if expected is None:
        return
    if isinstance(expected, str):
        is_expected = str(published).strip() == expected
    else:
        is_expected = math.isclose(as_number(published), expected, rel_tol=1e-9)
    if not is_expected:
        observation = f"{row['ref_area'] or row['area_code']}, {row['indicator']}, {row['time_period']}"
        raise CorrectionExpiredError(file, correction.id, observation, expected, published)


def _changes(correction: Correction, row: dict[Any, Any]) -> dict[str, Any]:
    if correction.action == "set":
        return {"obs_value": correction.value}
    if correction.action == "scale":
        return {"obs_value": as_number(row["obs_value"], Decimal(str(correction.factor)))}
    if correction.action == "flag":
        return {"obs_status": correction.obs_status}
    reason = f"correction {correction.id}: {correction.reason} ({correction.reference})"
    return {"fault": DROPPED, "fault_reason": reason}


def _application(correction: Correction, row: dict[Any, Any], changes: dict[str, Any]) -> Application:
    after = {} if correction.action == "drop" else {**row, **changes}
    return Application(
        correction=correction,
        url=row["url"],
        pointer=row["pointer"],
        ref_area=_or_none(row["ref_area"]),
        indicator=row["indicator"],
        time_period=row["time_period"],
        value_as_published=row["value_as_published"],
        value_before=_or_none(row["obs_value"]),
        value_after=_or_none(after.get("obs_value")),
        status_before=_or_none(row["obs_status"]),
        status_after=_or_none(after.get("obs_status")),
    )


def _or_none(value: Any) -> Any:
    return None if pd.isna(value) else value


def _related(observations: pd.DataFrame, catalogue: Catalogue) -> pd.DataFrame:
    """Recompute RELATIONS: a corrected or dropped observation no longer contradicts others."""
    remaining = observations[observations["fault"] != DROPPED]
    relations = related(remaining, catalogue)[RELATIONS]
    return observations.assign(**relations.reindex(observations.index, fill_value=0))
