"""Fuzzing of what the property tests of tables and answers leave out: every fault is a typed error."""

import contextlib
import io
import json
import zipfile
from pathlib import Path
from random import Random
from typing import Any, Final

import pytest
from hypothesis import given, settings

from city_indicators.catalog import Catalogue
from city_indicators.core.errors import SourceContractError, SourceError
from city_indicators.core.intervals import EVERY_YEAR
from city_indicators.sources import openaq_v3, owid_grapher, revision
from city_indicators.sources.integrity import check_complete
from tests.publishers import as_snapshot
from tests.sources.test_properties import (
    CATALOGUE,
    CHANCE,
    QUICK,
    account,
    damaged,
    distorted,
    table_named,
)

WORKBOOKS: Final = ("c40_gpc-1", "un_wup-1", "un_sdg_waste-1")
REVISION: Final = [{"page": "1"}, [{"id": "2", "lastupdated": "2023-07-25"}]]
PM25: Final = {"id": 2, "name": "pm25", "units": "µg/m³"}
LOCATION: Final = {
    "id": 11,
    "name": "Station",
    "sensors": [{"id": 1, "parameter": PM25}],
    "licenses": [{"name": "CC0"}],
    "coordinates": {"latitude": 55.75, "longitude": 37.6},
    "datetimeFirst": {"local": "2018-01-01T00:00:00+03:00"},
    "datetimeLast": None,
}
DAY: Final = {
    "value": 10.0,
    "parameter": PM25,
    "period": {"label": "1day", "datetimeFrom": {"local": "2018-01-01T00:00:00+03:00"}},
    "coverage": {"percentComplete": 100.0},
}
API: Final = "https://api.openaq.org/v3"
AROUND: Final = f"{API}/locations?coordinates=55.75204,37.61781&radius=15000&limit=1000&page=1"
DAYS: Final = f"{API}/sensors/1/days?date_from=2018-01-01&date_to=2018-12-31&limit=1000&page=1"
CHART: Final = "https://publisher.example/grapher/co-emissions-per-capita"


def in_zip(chance: Random, content: bytes) -> bytes:
    """The zip with one of its parts damaged, and a valid checksum."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as before, zipfile.ZipFile(stream, "w") as after:
        names = before.namelist()
        wrong = chance.choice(names)
        for name in names:
            part = before.read(name)
            after.writestr(name, damaged(chance, part) if name == wrong else part)
    return stream.getvalue()


def page(*rows: Any) -> Any:
    return {"meta": {"page": 1, "limit": 1000, "found": len(rows)}, "results": list(rows)}


def changed(chance: Random, value: Any) -> bytes:
    """JSON with parts replaced, or with damaged bytes, or both."""
    content = distorted(chance, value) if chance.random() < 0.7 else json.dumps(value).encode()
    return damaged(chance, content) if chance.random() < 0.5 and content else content


@pytest.mark.parametrize("name", WORKBOOKS)
@settings(QUICK, max_examples=20)
@given(chance=CHANCE)
def test_a_workbook_with_a_damaged_part_is_read_or_refused_by_name(
    name: str, chance: Random, shared: Path
) -> None:
    table = table_named(name, shared / "data")
    ((url, content),) = table.contents()
    account(table.source, [(url, in_zip(chance, content))])


@settings(QUICK, max_examples=300)
@given(chance=CHANCE)
def test_a_damaged_answer_of_a_revision_is_a_typed_error(chance: Random) -> None:
    content = changed(chance, REVISION)
    try:
        found = revision.current(CATALOGUE.sources["world_bank"], lambda _: {}, lambda _: content)
    except SourceError:
        return
    assert found is not None
    assert found.isprintable()
    found.encode()


@pytest.mark.parametrize(
    ("value", "fault"),
    [
        ('{"a": "1", "a": "2"}', None),
        ('{"a": ["1"]}', "is no text and no number"),
        ('{"a": null}', "is no text and no number"),
        ('{"a": "1\\u0000"}', "too long or not printable"),
        (json.dumps({"a": "1" * 501}), "too long or not printable"),
    ],
)
def test_a_revision_that_cannot_be_stored_breaks_the_contract(
    catalogue: Catalogue, value: str, fault: str | None
) -> None:
    source = catalogue.sources["world_bank"]
    declared = source.revision.model_copy(update={"field": "/a"}) if source.revision else None
    source = source.model_copy(update={"revision": declared})
    with pytest.raises(SourceContractError if fault else SourceError, match=fault):
        revision.current(source, lambda _: {}, lambda _: value.encode())


@pytest.mark.parametrize("header", ["1\x00", "1" * 501])
def test_a_header_that_cannot_be_stored_breaks_the_contract(catalogue: Catalogue, header: str) -> None:
    with pytest.raises(SourceContractError, match="too long or not printable"):
        revision.current(catalogue.sources["metro_systems"], lambda _: {"ETag": header}, lambda _: b"")


@settings(QUICK, max_examples=300)
@given(chance=CHANCE)
def test_a_damaged_page_of_stations_or_days_is_a_typed_error(chance: Random) -> None:
    answers = {AROUND: page(LOCATION), DAYS: page(DAY, DAY | {"value": None})}
    wrong = chance.choice(list(answers))
    archived = iter(
        [
            as_snapshot(changed(chance, value) if url == wrong else json.dumps(value).encode(), url)
            for url, value in answers.items()
        ]
    )
    with contextlib.suppress(SourceError):
        list(openaq_v3.read(CATALOGUE.sources["openaq"], archived, EVERY_YEAR))


@settings(QUICK, max_examples=200)
@given(chance=CHANCE)
def test_damaged_metadata_of_a_chart_are_a_typed_error(chance: Random) -> None:
    metadata = {"columns": {"Annual CO2 emissions (per capita)": {"unit": "tonnes per person"}}}
    archived = iter([as_snapshot(changed(chance, metadata), f"{CHART}.metadata.json")])
    with contextlib.suppress(SourceError):
        list(owid_grapher.read(CATALOGUE.sources["owid_grapher"], archived, EVERY_YEAR))


@settings(QUICK, max_examples=100)
@given(chance=CHANCE)
def test_a_damaged_old_workbook_is_complete_or_not(chance: Random, shared: Path) -> None:
    content = bytearray((shared / "data/un_wup2018/WUP2018-F22-Cities_Over_300K_Annual.xls").read_bytes())
    for _ in range(chance.choice((1, 5, 50))):
        content[chance.randrange(512)] = chance.randrange(256)
    with contextlib.suppress(SourceError):
        check_complete(*as_snapshot(bytes(content[: chance.randrange(len(content))])))


@pytest.mark.parametrize("shift", [0, 1, 8, 10, 31, 65_535])
def test_an_old_workbook_with_sectors_of_another_length_is_not_complete(shift: int, shared: Path) -> None:
    content = bytearray((shared / "data/un_wup2018/WUP2018-F22-Cities_Over_300K_Annual.xls").read_bytes())
    content[30:32] = shift.to_bytes(2, "little")
    with pytest.raises(SourceError, match="an old workbook truncated"):
        check_complete(*as_snapshot(bytes(content)))
