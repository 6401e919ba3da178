"""The carbon intensity of grids from codecarbon: JSON objects keyed by place, in three shapes.

Countries by ISO 3166-1 alpha-3, each with its own year; Chinese provinces by ISO 3166-2, each with its
year and unit; US states by name, each with its postal code, and one year and unit for all.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from city_indicators.catalog.models import Catalogue
from city_indicators.catalog.source import Series, Source
from city_indicators.core.intervals import Interval
from city_indicators.core.snapshots import Snapshot
from city_indicators.sources.records import (
    Archived,
    Fetch,
    Record,
    as_text,
    breach,
    check_area_names,
    check_unit,
    parse_json,
)

STATES_OF: Final = "US"
SELF_STATEMENTS: Final = {
    "iso_code": "the code of a country, which is its key",
    "country_name": "the name of a country, beside its code",
    "description": "the name of a province, beside its code",
    "regionCode": "the code of a state, beside its name",
    "unit": "the unit of a province, or of all states",
}
"""What an answer says about itself: it is refused if its keys or the catalogue differ."""


@dataclass(frozen=True)
class EmissionFactor:
    """One place of a file: code and name, value and year as published, their position, and the unit."""

    code: str
    name: object
    value: str | float | None
    year: str
    pointer: str
    unit: str | None
    raw: Mapping[str, Any]


def fetch(source: Source, catalogue: Catalogue, interval: Interval, fetch: Fetch) -> list[Snapshot]:  # noqa: ARG001
    """One request per series, for its complete file."""
    return [fetch(f"{source.path}/{series.code}.json", {})[0] for series in source.series]


def read(source: Source, archived: Archived, interval: Interval) -> Iterator[Record]:  # noqa: ARG001
    """One record per place of the file; for a province with several of our cities, one per city.

    For those, `areas` has the province with the city after a colon: "CN-GD:shenzhen".
    """
    by_file = {series.code.rsplit("/", 1)[-1]: series for series in source.series}
    areas: dict[str, list[str]] = {}
    for area in source.areas or ():
        areas.setdefault(area.partition(":")[0], []).append(area)
    for snapshot, content in archived:
        name = snapshot.url.partition("?")[0].rsplit("/", 1)[-1].removesuffix(".json")
        if name not in by_file:
            raise breach(snapshot, f"the answer is the file {name!r}, which was not requested")
        for entry in _entries(snapshot, _parsed(snapshot, content)):
            check_unit(snapshot, by_file[name], entry.pointer, entry.unit)
            check_area_names(source, snapshot, entry.pointer, entry.code, entry.name)
            for area in areas.get(entry.code, [entry.code]):
                yield _record(entry, area, by_file[name], snapshot)


def _record(entry: EmissionFactor, area: str, series: Series, snapshot: Snapshot) -> Record:
    return Record(
        series=series,
        area_code=area,
        time_period=entry.year,
        value=entry.value,
        title=series.code,
        snapshot=snapshot,
        pointer=entry.pointer,
        raw=json.dumps(entry.raw, ensure_ascii=False),
    )


def _parsed(snapshot: Snapshot, content: bytes) -> dict[str, Any]:
    text = content.decode("utf-8-sig", "replace").lstrip()
    if text.startswith("<"):
        raise breach(snapshot, f"a page of HTML instead of JSON: {text[:120]!r}")
    answer = parse_json(snapshot, text)
    if not isinstance(answer, dict):
        raise breach(snapshot, f"no JSON object of places: {text[:120]!r}")
    return answer


def _entries(snapshot: Snapshot, answer: dict[str, Any]) -> Iterator[EmissionFactor]:
    shape = _provinces if "data" in answer else _states if "_unit" in answer else _countries
    last = "the top"
    try:
        for entry in shape(answer):
            yield entry
            last = entry.pointer
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise breach(snapshot, f"what follows {last} has another shape than promised: {error!r}") from error


def _countries(answer: dict[str, Any]) -> Iterator[EmissionFactor]:
    for code, row in answer.items():
        if row["iso_code"] != code:
            raise ValueError(f"{code!r} has the iso_code {row['iso_code']!r}")
        value = as_text(row["carbon_intensity"])
        pointer, name = f"/{code}/carbon_intensity", row["country_name"]
        yield EmissionFactor(code, name, value, str(row["year"]), pointer, None, row)


def _provinces(answer: dict[str, Any]) -> Iterator[EmissionFactor]:
    for code, row in answer["data"].items():
        value = as_text(row["emission_factor"])
        pointer, name = f"/data/{code}/emission_factor", row["description"]
        yield EmissionFactor(code, name, value, str(row["year"]), pointer, row["unit"], row)


def _states(answer: dict[str, Any]) -> Iterator[EmissionFactor]:
    """The states; the national value is among them, under the code `usa`."""
    unit, year = answer["_unit"]["emissions"], str(answer["_source"]["year"])
    for name, row in answer.items():
        if not name.startswith("_"):
            code = f"{STATES_OF}-{row['regionCode']}"
            yield EmissionFactor(
                code, name, as_text(row["emissions"]), year, f"/{name}/emissions", unit, {name: row}
            )
