"""World Bank Indicators API, version 2.

Follows answers recorded from the real API where there are any. Differences from the real one:

- the years are those of the sample, 2000 to its newest;
- `all` gives only the sample's countries, because the sample has no data for the aggregates that the real
  API includes;
- a country or series outside the sample is an invalid value.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from fastapi import APIRouter, Request, Response

from city_indicators.catalog import load_sources
from city_indicators.core.paths import CATALOG
from demo.mock_sources.damage import (
    NOT_A_NUMBER,
    OUT_OF_RANGE,
    UNKNOWN_ISO2,
    UNKNOWN_ISO3,
    UNKNOWN_NAME,
    Damage,
)
from demo.sample.table import Sample, read_text_csv

WDI: Final = "2"
JSON_TYPE: Final = "application/json;charset=utf-8"
INVALID: Final = {"id": "120", "key": "Invalid value", "value": "The provided parameter value is not valid"}
XML_ERROR: Final = (
    '<?xml version="1.0" encoding="utf-8"?>\n<wb:error xmlns:wb="http://www.worldbank.org">\n'
    '  <wb:message id="120" key="Invalid value">This mock server supports only JSON: request format=json'
    "</wb:message>\n</wb:error>\n"
)
BAD_SOURCE: Final = Path(__file__).with_name("world_bank_400.html")
EMPTY_HEADER: Final = {
    "page": 0,
    "pages": 0,
    "per_page": 0,
    "total": 0,
    "sourceid": None,
    "lastupdated": None,
}


class InvalidValueError(ValueError):
    """A parameter that the API answers with message 120, repeated `times` times."""

    def __init__(self, times: int = 1) -> None:
        super().__init__(INVALID["value"])
        self.times = times


@dataclass(frozen=True)
class Country:
    """A country as the World Bank writes it."""

    iso3: str
    iso2: str
    name: str


@dataclass(frozen=True)
class Holdings:
    """The data to serve; `observations` by series, ISO3 code and year, with the digits of the file."""

    countries: Sequence[Country]
    titles: Mapping[str, str]
    observations: Mapping[tuple[str, str, str], str]
    years: Sequence[int]
    last_updated: str


def _holdings(sample: Sample) -> Holdings:
    iso2 = read_text_csv(CATALOG / "countries.csv").set_index("ref_area")["iso2"]
    countries = [Country(code, iso2[code], name) for code, name in sample.label("world_bank", "area").items()]
    table = sample.of_source("world_bank")
    keys = zip(table["series"], table["ref_area"], table["time_period"], strict=True)
    return Holdings(
        countries=sorted(countries, key=lambda country: country.name),
        # A declared series without data in the sample is answered like gaps in the API: with nulls.
        titles={series.code: series.titles[0] for series in load_sources()["world_bank"].series}
        | sample.label("world_bank", "series"),
        observations=dict(zip(keys, table["obs_value"], strict=True)),
        years=sorted({int(year) for year in table["time_period"]}, reverse=True),
        last_updated=sample.label("world_bank", "revision")["WDI"],
    )


def _countries(holdings: Holdings, codes: str) -> list[Country]:
    if codes.lower() == "all":
        return list(holdings.countries)
    requested = set(codes.upper().split(";"))
    if requested - {code for country in holdings.countries for code in (country.iso3, country.iso2)}:
        raise InvalidValueError
    return [country for country in holdings.countries if requested & {country.iso3, country.iso2}]


def _series(holdings: Holdings, codes: str, *, source_given: bool) -> list[str]:
    """Several series in one request are allowed only together with `source`."""
    requested = codes.upper().split(";")
    known = all(code in holdings.titles for code in requested)
    if known and (len(requested) == 1 or source_given):
        return requested
    # As recorded: with `source`, a list with an unknown series gives the message three times.
    raise InvalidValueError(3 if source_given and len(requested) > 1 else 1)


def _years(holdings: Holdings, date: str) -> list[int]:
    if not date:
        return list(holdings.years)
    match = re.fullmatch(r"(\d{4})(?::(\d{4}))?", date)
    if match is None:
        raise InvalidValueError
    first, last = int(match[1]), int(match[2] or match[1])
    return [year for year in holdings.years if first <= year <= last]


def _integer(text: str) -> int:
    if not text.isdecimal() or int(text) == 0:
        raise InvalidValueError
    return int(text)


def _number(observation: str | None) -> int | float | None:
    if observation is None:
        return None
    return float(observation) if "." in observation else int(observation)


def _row(holdings: Holdings, series: str, country: Country, year: int, extra: Mapping[str, str]) -> Any:
    return {
        "indicator": {"id": series, "value": holdings.titles[series]},
        "country": {"id": country.iso2, "value": country.name},
        "countryiso3code": country.iso3,
        "date": str(year),
        "value": _number(holdings.observations.get((series, country.iso3, str(year)))),
        "unit": "",
        "obs_status": "",
        "decimal": 0,
        **extra,
    }


def _reply(holdings: Holdings, countries: str, series: str, query: Mapping[str, str]) -> list[Any]:
    """Header and rows of one page.

    Raises:
        InvalidValueError: a parameter is not valid.
    """
    codes = _series(holdings, series, source_given="source" in query)
    years = _years(holdings, query.get("date", ""))
    per_page = _integer(query.get("per_page", "50"))
    page = _integer(query.get("page", "1"))
    extra = {"footnote": ""} if query.get("footnote") == "y" else {}
    rows = [
        _row(holdings, code, country, year, extra)
        for code in codes
        for country in _countries(holdings, countries)
        for year in years
    ]
    if not rows:
        return [EMPTY_HEADER, None]
    header = {
        "page": page,
        "pages": -(-len(rows) // per_page),
        "per_page": per_page,
        "total": len(rows),
        "sourceid": WDI if len(codes) == 1 else None,
        "sourcename": "World Development Indicators" if len(codes) == 1 else None,
        "lastupdated": holdings.last_updated,
    }
    return [header, rows[(page - 1) * per_page : page * per_page] or None]


def _json(content: Any) -> bytes:
    return json.dumps(content, separators=(",", ":"), ensure_ascii=False).encode()


def router(sample: Sample) -> APIRouter:
    """`/v2/country/{codes}/indicator/{series}` and its older plural form."""
    holdings = _holdings(sample)
    routes = APIRouter()

    @routes.get("/v2/country/{countries}/indicator/{series}")
    @routes.get("/v2/countries/{countries}/indicators/{series}")
    def indicator(countries: str, series: str, request: Request) -> Response:
        query = request.query_params
        if query.get("source", WDI) != WDI:
            return Response(BAD_SOURCE.read_bytes(), 400, {"Content-Type": "text/html"})
        if query.get("format") != "json":
            return Response(XML_ERROR, media_type="text/xml")
        if {"mrv", "mrnev", "gapfill", "frequency"} & set(query):
            # Answering with a default would look like an answer to the request.
            return Response("The mock server selects years by date= only.", 501, media_type="text/plain")
        try:
            reply = _reply(holdings, countries, series, query)
        except InvalidValueError as error:
            reply = [{"message": [INVALID] * error.times}]
        return Response(_json(reply), media_type=JSON_TYPE)

    @routes.get("/v2/sources/{source}")
    def database(source: str) -> Response:
        if source != WDI:
            return Response(_json([{"message": [INVALID]}]), media_type=JSON_TYPE)
        header = {"page": "1", "pages": "1", "per_page": "50", "total": "1"}
        row = {"id": WDI, "lastupdated": holdings.last_updated, "name": "World Development Indicators"}
        return Response(_json([header, [row]]), media_type=JSON_TYPE)

    return routes


def damage(body: bytes, kind: Damage) -> bytes:
    """Falsify the first row that has a value; `missing_column` removes `value` from every row.

    A reply without such a row stays as it is.
    """
    reply = json.loads(body)
    rows = reply[1] if len(reply) > 1 and reply[1] else []
    first = next((number for number, row in enumerate(rows) if row["value"] is not None), None)
    if first is None:
        return body
    row = rows[first]
    match kind:
        case "missing_column":
            for each in rows:
                del each["value"]
        case "unknown_area":
            row["country"] = {"id": UNKNOWN_ISO2, "value": UNKNOWN_NAME}
            row["countryiso3code"] = UNKNOWN_ISO3
        case "out_of_range":
            row["value"] = OUT_OF_RANGE
        case "not_a_number":
            row["value"] = NOT_A_NUMBER
        case "duplicate_row":
            # The count matches the rows sent, so that the duplicate is the only fault.
            rows.insert(first, dict(row))
            reply[0]["total"] += 1
    return _json(reply)
