"""What answers say about themselves: each declared statement is falsified, and the answer refused."""

import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

import pytest
from fastapi.testclient import TestClient

from city_indicators.catalog import Catalogue, Source
from city_indicators.core.errors import SourceError
from city_indicators.core.intervals import Interval
from city_indicators.sources.connectors import CONNECTORS, connector_of
from demo.mock_sources.app import create_app
from tests.publishers import as_snapshot

PUBLISHER: Final = "https://publisher.example"
Answers = list[tuple[str, bytes]]
"""The address and the bytes of each answer to a request."""
Change = Callable[[Any], object]


@dataclass(frozen=True)
class Lie:
    """A change of the first answer whose address contains `of`: of its JSON, its text, or its parts' texts.

    A change of JSON may return another value, or None if it changed the value in place.
    """

    change: Change
    of: str = ""

    def __call__(self, answers: Answers) -> Answers:
        number = next(n for n, (url, _) in enumerate(answers) if self.of in url)
        url, content = answers[number]
        if content.startswith(b"PK"):
            changed = in_zip(content, self.change)
        elif content.lstrip().startswith((b"{", b"[")):
            value = json.loads(content)
            changed = json.dumps(self.change(value) or value, ensure_ascii=False).encode()
            assert json.loads(changed) != json.loads(content)
        else:
            changed = str(self.change(content.decode("utf-8-sig"))).encode()
        assert changed != content
        return [*answers[:number], (url, changed), *answers[number + 1 :]]


def in_zip(content: bytes, change: Change) -> bytes:
    """The zip with a change of the text of its parts, one at least."""
    stream = io.BytesIO()
    changes = 0
    with zipfile.ZipFile(io.BytesIO(content)) as before, zipfile.ZipFile(stream, "w") as after:
        for name in before.namelist():
            text = before.read(name).decode()
            changed = str(change(text))
            changes += changed != text
            after.writestr(name, changed)
    assert changes
    return stream.getvalue()


def replaced(old: str, new: str) -> Change:
    return lambda text: text.replace(old, new, 1)


def everywhere(old: str, new: str) -> Change:
    return lambda text: text.replace(old, new)


def put(*path: Any, to: Any) -> Change:
    """A change of one value of JSON; a function as `to` gets the old value."""

    def change(value: Any) -> None:
        *steps, last = path
        for step in steps:
            value = value[step]
        value[last] = to(value[last]) if callable(to) else to

    return change


def shorter_line(text: str) -> str:
    """The text without the last field of its third line."""
    lines = text.split("\n")
    lines[2] = lines[2].rpartition(",")[0]
    return "\n".join(lines)


def two_pages(answers: Answers) -> Answers:
    """The answers with the first one in two pages, of which the second is of another revision."""
    (url, content), *others = answers
    header, rows = json.loads(content)
    half = len(rows) // 2
    pages = []
    for number, part in enumerate((rows[:half], rows[half:]), 1):
        stated = {"page": number, "pages": 2, "per_page": half, "lastupdated": f"2023-07-2{number}"}
        pages.append((url.replace("page=1", f"page={number}"), json.dumps([header | stated, part]).encode()))
    return pages + others


def without_a_day(answers: Answers) -> Answers:
    """The first answer in JSON, in which one parameter lacks a day."""
    url = answers[0][0].replace("format=csv", "format=json")
    answer = TestClient(create_app()).get(f"/nasa_power{url.removeprefix(PUBLISHER)}").json()
    del answer["properties"]["parameter"]["T2M_MIN"]["20180203"]
    return [(url, json.dumps(answer).encode())]


ROW: Final = (1, 0)
OPEN_METEO: Final[dict[str, Callable[[Answers], Answers]]] = {
    "points": Lie(lambda answer: answer[1:]),
    "location_id": Lie(put(1, "location_id", to=2)),
    "latitude": Lie(put(0, "latitude", to=lambda degrees: degrees + 2)),
    "longitude": Lie(put(0, "longitude", to=lambda degrees: degrees + 2)),
    "timezone": Lie(put(0, "timezone", to="GMT")),
}
LIES: Final[dict[str, dict[str, Callable[[Answers], Answers]]]] = {
    "world_bank": {
        "page": Lie(put(0, "page", to=2)),
        "pages": Lie(put(0, "pages", to=2)),
        "per_page": Lie(put(0, "per_page", to=7)),
        "total": Lie(put(0, "total", to=lambda total: total + 5)),
        "lastupdated": two_pages,
        "indicator.id": Lie(put(*ROW, "indicator", "id", to="SP.URB.TOTL.IN.ZS")),
        "indicator.value": Lie(put(*ROW, "indicator", "value", to="GDP per capita (1000 US$)")),
        "unit": Lie(put(*ROW, "unit", to="%")),
        "country.id": Lie(put(*ROW, "country", "id", to="BR")),
        "country.value": Lie(put(*ROW, "country", "value", to="Brazil")),
    },
    "owid_grapher": {
        "title": Lie(replaced("kWh/person", "MWh/person"), "per-capita-energy-use.csv"),
        "unit": Lie(lambda a: json.loads(json.dumps(a).replace("kilowatt", "megawatt")), "use.metadata"),
        "columns": Lie(put("columns", to={}), "use.metadata"),
        "Entity": Lie(replaced("Argentina,ARG", "Brazil,ARG"), "per-capita-energy-use.csv"),
        "fields": Lie(shorter_line, "per-capita-energy-use.csv"),
    },
    "un_wup": {
        "title": Lie(everywhere("(thousands)", "(persons)")),
        "years": Lie(everywhere("<v>2018</v>", "<v>2019</v>")),
        "Urban Agglomeration": Lie(everywhere("Moskva", "Delhi")),
    },
    "nasa_power": {
        "Dates": Lie(everywhere("through 12/31/", "through 12/30/")),
        "Location": Lie(everywhere("Location: latitude  ", "Location: latitude  1")),
        "units": Lie(replaced("Maximum (C)", "Maximum (F)")),
        "fill_value": Lie(replaced("range: -999", "range: -99")),
        "fields": Lie(lambda text: text.rstrip() + ",1\r\n"),
        "days": without_a_day,
    },
    "open_meteo_archive": {
        **OPEN_METEO,
        "time": Lie(put(0, "daily", "time", 5, to="2018-01-05")),
        "length": Lie(put(0, "daily", "precipitation_sum", to=[None])),
        "units": Lie(put(0, "daily_units", "precipitation_sum", to="inch")),
    },
    "open_meteo_climate": {
        **OPEN_METEO,
        "time": Lie(put(0, "daily", "time", 5, to="2018-01-05")),
        "length": Lie(put(0, "daily", "precipitation_sum", to=[None])),
        "units": Lie(put(0, "daily_units", "temperature_2m_max", to="°F")),
    },
    "open_meteo_air": {
        **OPEN_METEO,
        "time": Lie(put(0, "hourly", "time", 5, to="2018-01-01T04:00")),
        "length": Lie(put(0, "hourly", "pm2_5", to=[None])),
        "units": Lie(put(0, "hourly_units", "pm2_5", to="mg/m³")),
    },
    "grid_co2": {
        "iso_code": Lie(put("RUS", "iso_code", to="CHN"), "global"),
        "country_name": Lie(put("RUS", "country_name", to="China"), "global"),
        "description": Lie(put("data", "CN-BJ", "description", to="Shanghai"), "china"),
        "regionCode": Lie(put("california", "regionCode", to="NY"), "usa"),
        "unit": Lie(put("_unit", "emissions", to="kg/MWh"), "usa"),
    },
    "what_a_waste": {
        "title": Lie(replaced("generated_tons_year", "generated_kg_year"), "city_level_data"),
        "units": Lie(replaced("tonnes/year", "kg/year"), "codebook"),
        "codebook": Lie(lambda text: text + text.split("\n")[1] + "\n", "codebook"),
    },
    "undata_population": {
        "title": Lie(replaced('"Value"', '"Values"')),
        "fields": Lie(shorter_line),
        "footnotes": Lie(lambda text: text.partition('"footnoteSeqID"')[0]),
    },
    "un_sdg_waste": {
        "title": Lie(everywhere(">Value<", ">Values<")),
        "unit": Lie(everywhere("PERCENT", "PER_1000")),
    },
    "ghs_ucdb": {
        "title": Lie(replaced("HL_SHP_HOS_2025", "HL_SHP_HSP_2025"), "HEALTH"),
        "fields": Lie(shorter_line, "HEALTH"),
        "name": Lie(everywhere(",Moscow,Russia,", ",Moscow,United States,"), "HEALTH"),
        "size": Lie(everywhere(",14384081.55,", ",14384.08155,"), "HEALTH"),
    },
    "metro_systems": {
        "title": Lie(replaced("system_length", "length")),
        "fields": Lie(shorter_line),
    },
    "data_mos_ru": {"pages": lambda answers: [(answers[0][0].replace("skip=0", "skip=1000"), answers[0][1])]},
}
"""By source and statement, a change of the answers that makes the statement false."""
# The sample has no rows of these: their own tests falsify what they say.
WITHOUT_ROWS: Final = {"c40_inventories", "cdp_emissions", "openaq_v3"}


@pytest.fixture(scope="module")
def fetched(catalogue: Catalogue, years: Any) -> Callable[[str], tuple[Source, Answers, Interval]]:
    """The answers of the mock server to all requests of one year."""
    client = TestClient(create_app())

    def fetch(name: str) -> tuple[Source, Answers, Interval]:
        source, interval = catalogue.sources[name], years(2018, 2018)
        answers: Answers = []

        def request(path: str, params: Any) -> Any:
            url = path + ("&" if "?" in path else "?") * bool(params) + urlencode(params)
            content = client.get(f"/{name}{url}").content
            answers.append((PUBLISHER + url, content))
            return as_snapshot(content, answers[-1][0])

        connector_of(source).fetch(source, catalogue, interval, request)
        return source, answers, interval

    return fetch


def read(source: Source, answers: Answers, interval: Interval) -> int:
    archived = iter([as_snapshot(content, url) for url, content in answers])
    return len(list(connector_of(source).read(source, archived, interval)))


@pytest.mark.parametrize("name", LIES)
def test_the_answers_themselves_are_read(name: str, fetched: Any) -> None:
    source, answers, interval = fetched(name)
    assert read(source, answers, interval) or name == "data_mos_ru"


@pytest.mark.parametrize(
    ("name", "statement"), [(name, statement) for name, lies in LIES.items() for statement in lies]
)
def test_an_answer_that_contradicts_itself_is_refused(name: str, statement: str, fetched: Any) -> None:
    source, answers, interval = fetched(name)
    falsified = LIES[name][statement](answers)
    with pytest.raises(SourceError):
        read(source, falsified, interval)


def test_every_declared_statement_is_falsified(catalogue: Catalogue) -> None:
    falsified: dict[str, set[str]] = {}
    for name, lies in LIES.items():
        falsified.setdefault(catalogue.sources[name].format, set()).update(lies)
    for name in CONNECTORS.keys() - WITHOUT_ROWS - {"submission"}:
        assert falsified[name] == set(CONNECTORS[name].SELF_STATEMENTS), name  # type: ignore[attr-defined]
