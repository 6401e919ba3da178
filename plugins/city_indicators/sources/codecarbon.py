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
from city_indicators.sources.records import Archived, Fetch, Record, as_text, breach, parse_json

UNITS: Final = {"gCO2/kWh": "gram / kilowatt_hour", "lbs/MWh": "pound / megawatt_hour"}
STATES_OF: Final = "US"


@dataclass(frozen=True)
class EmissionFactor:
    """One place of a file: its code, its value and year as published, their position, and the unit."""

    code: str
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
            _check_unit(entry, by_file[name], snapshot)
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
    except (KeyError, TypeError, AttributeError) as error:
        raise breach(snapshot, f"what follows {last} has another shape than promised: {error!r}") from error


def _countries(answer: dict[str, Any]) -> Iterator[EmissionFactor]:
    for code, row in answer.items():
        value = as_text(row["carbon_intensity"])
        yield EmissionFactor(code, value, str(row["year"]), f"/{code}/carbon_intensity", None, row)


def _provinces(answer: dict[str, Any]) -> Iterator[EmissionFactor]:
    for code, row in answer["data"].items():
        value = as_text(row["emission_factor"])
        yield EmissionFactor(code, value, str(row["year"]), f"/data/{code}/emission_factor", row["unit"], row)


def _states(answer: dict[str, Any]) -> Iterator[EmissionFactor]:
    """The states; the national value is among them, under the code `usa`."""
    unit, year = answer["_unit"]["emissions"], str(answer["_source"]["year"])
    for name, row in answer.items():
        if not name.startswith("_"):
            code = f"{STATES_OF}-{row['regionCode']}"
            yield EmissionFactor(
                code, as_text(row["emissions"]), year, f"/{name}/emissions", unit, {name: row}
            )


def _check_unit(entry: EmissionFactor, series: Series, snapshot: Snapshot) -> None:
    if entry.unit is not None and UNITS.get(entry.unit) != series.published_unit:
        raise breach(
            snapshot, f"{entry.pointer} is in {entry.unit!r}, but the series in {series.published_unit!r}"
        )
