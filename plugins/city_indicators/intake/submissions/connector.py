"""Connector of city submissions: reads the form, CSV or XLSX, one observation a row.

A row that breaks a rule of the form becomes a record with a fault, so that the other rows are loaded and the
answer shows the city which row to correct (docs/how-to/fill-in-a-city-form.md). The form uses the cities,
indicators and units of the catalogue.
"""

import json
import math
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from typing import Final

from city_indicators.catalog import load_catalogue
from city_indicators.catalog.models import Catalogue
from city_indicators.catalog.source import Series, Source
from city_indicators.core.intervals import Interval
from city_indicators.core.snapshots import Snapshot
from city_indicators.intake.submissions.file import Line, lines
from city_indicators.sources.records import Archived, Fault, Fetch, Record, as_number
from city_indicators.sources.units import AMBIGUOUS, WHICH_TON, ratio

MIX: Final = ("ELEC_GAS_SHARE", "ELEC_NUCLEAR_SHARE", "ELEC_RES_SHARE", "ELEC_COAL_OIL_SHARE")
"""The parts of a city's electricity mix, which do not overlap."""
POPULATION: Final = "POP_CITY"
ROUNDED_TO: Final = 1000
# The UTC offset at the date line, where the next day begins first.
EARLIEST_CLOCK: Final = timedelta(hours=14)
# A unit may be a multiple of another one (1000 t), but not an expression to be computed.
UNIT: Final = re.compile(r"(\d{1,9} )?[^\W\d_][\w°·/ ²³-]{0,40}|[°%][\w]{0,10}")
LINK: Final = re.compile(r"https://[^\s/?#]+\.[^\s/?#]+\S*")
PERSONAL: Final = re.compile(r"@|\d{5}")


def fetch(source: Source, catalogue: Catalogue, interval: Interval, fetch: Fetch) -> list[Snapshot]:  # noqa: ARG001
    """Fetch nothing: cities send their forms."""
    return []


def read(source: Source, archived: Archived, interval: Interval) -> Iterator[Record]:  # noqa: ARG001
    """Read one record from each row of the form; a row without a value is an empty cell.

    Raises:
        SourceContractError: a file is not in the format of the form.
    """
    for snapshot, content in archived:
        yield from _without_excess([_record(line, source, snapshot) for line in lines(snapshot, content)])


def interval(source: Source, snapshot: Snapshot, content: bytes) -> Interval:
    """The years from the first to the last valid period of a form; the year of receipt if there is none.

    Raises:
        SourceContractError: the file is not in the format of the form.
    """
    records = read(source, iter([(snapshot, content)]), NO_INTERVAL)
    years = [int(record.time_period) for record in records if not record.fault]
    years = years or [snapshot.fetched_at.year]
    return Interval(date(min(years), 1, 1), date(max(years) + 1, 1, 1))


NO_INTERVAL: Final = Interval(date(1, 1, 1), date(1, 1, 1))


def _record(line: Line, source: Source, snapshot: Snapshot) -> Record:
    cells = line.cells
    series = _series(source).get(cells["indicator"])
    unit = _unit(cells["unit"], series, source) if series else None
    record = Record(
        series=_published_in(series or _unknown(cells["indicator"]), unit),
        area_code=_cities().get(_name(cells["city"]), cells["city"]),
        time_period=cells["period"],
        value=cells["value"] or None,
        title=cells["indicator"],
        snapshot=snapshot,
        pointer=line.pointer,
        raw=json.dumps(cells, ensure_ascii=False),
        unit=cells["unit"],
    )
    return replace(record, fault=line.fault or _fault(record, cells, unit, source))


def _fault(record: Record, cells: Mapping[str, str], unit: str | None, source: Source) -> Fault | None:
    """The fault by the first rule of the form that the row breaks; None if it breaks none."""
    today = (record.snapshot.fetched_at + EARLIEST_CLOCK).date()
    rules: list[Callable[[], Fault | None]] = [
        lambda: _city_is_known(cells),
        lambda: _indicator_is_in_the_form(cells, source),
        lambda: _period_is_a_year(cells, source),
        lambda: _unit_fits(cells, unit),
        lambda: _contact_is_a_role(cells),
        lambda: _date_fits(cells, today),
        lambda: _evidence_is_linked(cells),
        lambda: _population_is_exact(record),
    ]
    return next((fault for rule in rules if (fault := rule())), None)


def _city_is_known(cells: Mapping[str, str]) -> Fault | None:
    if _name(cells["city"]) in _cities():
        return None
    return Fault(
        "city_is_known",
        f"{cells['city']!r} is not a city of the catalogue; write its id or name as in the notes of the form",
    )


def _indicator_is_in_the_form(cells: Mapping[str, str], source: Source) -> Fault | None:
    if cells["indicator"] in _series(source):
        return None
    return Fault(
        "indicator_is_in_the_form",
        f"{cells['indicator']!r} is not an indicator of the form; choose one of {', '.join(_series(source))}",
    )


def _period_is_a_year(cells: Mapping[str, str], source: Source) -> Fault | None:
    period = cells["period"]
    if re.fullmatch("[0-9]{4}", period) and int(period) >= source.first_period:
        return None
    return Fault(
        "period_is_a_year",
        f"{period!r} is not a year from {source.first_period} on; write one year, for example 2024",
    )


def _unit_fits(cells: Mapping[str, str], unit: str | None) -> Fault | None:
    if unit is not None:
        return None
    wanted = load_form().units[load_form().indicators[cells["indicator"]].unit].name.en
    write = (
        WHICH_TON if AMBIGUOUS.search(cells["unit"]) else f"write the unit of the value, for example {wanted}"
    )
    return Fault(
        "unit_fits",
        f"the unit {cells['unit']!r} does not convert to {wanted}; {write}",
    )


def _contact_is_a_role(cells: Mapping[str, str]) -> Fault | None:
    role = cells["contact_role"]
    if not role:
        return Fault("contact_is_a_role", "no contact role is given; write the office that answers questions")
    if PERSONAL.search(role):
        return Fault(
            "contact_is_a_role",
            "the contact contains an address or a number of a person; write the role only, for example "
            "'statistics office, energy desk'",
        )
    return None


def _date_fits(cells: Mapping[str, str], today: date) -> Fault | None:
    text = cells["submitted_on"]
    try:
        submitted = date.fromisoformat(text)
    except ValueError:
        return Fault("date_is_given", f"submitted_on {text!r} is not a date; write it as 2025-03-31")
    if submitted > today:
        return Fault("date_has_come", f"submitted_on {text} is in the future; write the day of submission")
    if submitted < date(int(cells["period"]), 12, 31):
        return Fault(
            "period_is_over",
            f"submitted_on {text} is before the end of {cells['period']}; submit a year when it is over",
        )
    return None


def _evidence_is_linked(cells: Mapping[str, str]) -> Fault | None:
    link = cells["evidence_url"]
    if LINK.fullmatch(link):
        return None
    problem = f"{link!r} is not an https address" if link else "no evidence is given"
    return Fault("evidence_is_linked", f"{problem}; link the public document that contains the value")


def _population_is_exact(record: Record) -> Fault | None:
    number = _number(record)
    if record.series.indicator != POPULATION or math.isnan(number):
        return None
    if not number.is_integer():
        return Fault("population_is_exact", f"{number:.15g} people is not an integer; write the count")
    if number % ROUNDED_TO == 0:
        return Fault(
            "population_is_exact",
            f"{number:.15g} people is rounded to thousands; write the exact count, for example 1000205",
        )
    return None


def _without_excess(records: list[Record]) -> list[Record]:
    """Add a fault with the sum to the records of each mix whose shares add up to more than 100 %."""
    mixes: dict[tuple[str, str], dict[str, float]] = {}
    for record in records:
        if _in_mix(record):
            mix = mixes.setdefault((record.area_code, record.time_period), {})
            mix[record.series.indicator] = _number(record)
    sums = {key: round(math.fsum(mix.values()), 9) for key, mix in mixes.items()}
    return [_with_excess(record, sums) if _in_mix(record) else record for record in records]


def _with_excess(record: Record, sums: Mapping[tuple[str, str], float]) -> Record:
    total = sums[record.area_code, record.time_period]
    if total <= 100:
        return record
    reason = (
        f"the shares of the electricity mix of {record.area_code} in {record.time_period} add up to "
        f"{total:.15g} %, more than 100; correct the shares and send all of them again"
    )
    return replace(record, fault=Fault("mix_is_within_100", reason))


def _in_mix(record: Record) -> bool:
    # A negative share, which the row rules reject, must not lower the sum.
    return record.series.indicator in MIX and not record.fault and _number(record) >= 0


def _number(record: Record) -> float:
    target = load_form().units[record.series.unit or ""].pint
    published = record.series.published_unit
    return as_number(record.value, ratio(published, target) if published and target else Decimal(1))


def _unit(text: str, series: Series, source: Source) -> str | None:
    """A row's unit for pint; empty if it is the indicator's own unit, None if it does not convert."""
    unit = load_form().units[series.unit or ""]
    if text in (unit.id, unit.name.en, unit.name.ru, unit.name.zh):
        return ""
    published = source.unit_names.get(text, text)
    if unit.pint is None or not UNIT.fullmatch(published):
        return None
    try:
        ratio(published, unit.pint)
    except ValueError:
        return None
    return published


def _published_in(series: Series, unit: str | None) -> Series:
    return series.model_copy(update={"published_unit": unit}) if unit else series


def _unknown(indicator: str) -> Series:
    return Series(code=indicator, indicator=indicator, unit="-", geo_basis="city")


def _series(source: Source) -> dict[str, Series]:
    return {series.indicator: series for series in source.series}


def _name(text: str) -> str:
    return unicodedata.normalize("NFC", text)


@cache
def _cities() -> dict[str, str]:
    """The city by id and by its name in each of the three languages; every name is unique."""
    return {
        _name(name): city.ref_area
        for city in load_form().cities.values()
        for name in (city.ref_area, city.name_en, city.name_ru, city.name_zh)
    }


@cache
def load_form() -> Catalogue:
    """The catalogue whose cities, indicators and units the form uses."""
    return load_catalogue()
