"""Property tests: with damaged real files, parsers raise only typed errors and lose no record."""

import copy
import json
import math
import tempfile
from collections import Counter
from collections.abc import Iterable
from decimal import Decimal
from functools import cache
from pathlib import Path
from random import Random
from typing import Any, Final

import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.configuration import set_hypothesis_home_dir

from city_indicators.catalog import Source, load_catalogue
from city_indicators.core.errors import SourceContractError, SourceError
from city_indicators.core.intervals import EVERY_YEAR
from city_indicators.ingest.normalise import KEY, Normalised, normalise
from city_indicators.ingest.validation.rules import load_rules
from city_indicators.ingest.validation.validate import validate_observations
from city_indicators.sources.cdp_emissions import inventory_year
from city_indicators.sources.connectors import CONNECTORS, connector_of
from city_indicators.sources.records import as_number, as_text, total
from city_indicators.sources.structural_zeros import NOT_LISTED
from tests.publishers import as_snapshot
from tests.sources.specimens import (
    ANSWERS,
    TABLES,
    Content,
    Grid,
    Specimen,
    answer,
    specimen,
    zipped,
)

CATALOGUE: Final = load_catalogue()
RULES: Final = load_rules()

set_hypothesis_home_dir(tempfile.mkdtemp(prefix="ci-test-"))
QUICK: Final = settings(
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.generate],
    max_examples=6,
    suppress_health_check=list(HealthCheck),
)
# Great Expectations takes a third of a second per load, so each example validates several loads at once.
VALIDATED: Final = settings(QUICK, max_examples=1)
CHANCE: Final = st.integers(0, 2**32).map(Random)  # noqa: S311

HOSTILE: Final = (
    *("", " ", "NaN", "sNaN", "Infinity", "-inf", "1e400", "1e999999", "-1e-999999", "1e999999999999999999"),
    *("٣٤٥", "１２", "12,5", "1.234,5", "1\u00a0234", "12\u200b", "1_000", "½", "²", "0", "-0.0", "+7"),
    *('"', '""","', "\0", "\n", "\r", "a\u2028b", "=cmd()", "=1/0", "<html>", "\ufeff", "0001-01-01"),
    *("01/01/0001 12:00:00 AM", "NO; IE", "true", "x" * 140_000, "9" * 5_000, "1." * 50, "[" * 2_000),
)
TYPED: Final = (
    None,
    True,
    0,
    -1,
    1e308,
    5e-324,
    float("inf"),
    float("nan"),
    10**400,
    [],
    {},
    [[]],
    {"a": [1]},
)
SUMMED: Final = {
    name
    for name, (source, _) in TABLES.items()
    if any(series.combine for series in CATALOGUE.sources[source].series)
}
# Formats without a real file or recorded answer: their own tests distort constructed data.
NOT_HERE: Final = {"openaq_v3", "submission"}
ENCODINGS: Final = ("utf-8", "utf-8-sig", "utf-16", "windows-1252", "koi8-r", "gb18030", "cp037")


@cache
def table_named(name: str, data: Path) -> Specimen:
    return specimen(name, data, CATALOGUE)


@cache
def answer_named(name: str, data: Path) -> tuple[Source, str, Any]:
    return answer(name, data, CATALOGUE)


def account(source: Source, contents: Iterable[Content]) -> Normalised | None:
    """The observations of the contents, every record accounted for; None if a typed error refuses them."""
    archived = iter([as_snapshot(content, url) for url, content in contents])
    try:
        records = list(connector_of(source).read(source, archived, EVERY_YEAR))
    except SourceError:
        return None
    normalised = normalise(records, source, CATALOGUE, EVERY_YEAR)
    # Structural zeros are no records of the publisher.
    given = int((normalised.observations["pointer"] != NOT_LISTED).sum())
    assert len(records) == given + normalised.empty_cells + normalised.out_of_scope
    assert sum(normalised.unmatched.values()) <= normalised.out_of_scope
    observations = normalised.with_raw_rows(normalised.observations)
    for column in ("value_as_published", "area_code", "pointer", "raw_row"):
        for text in observations[column]:
            assert "\0" not in text.encode().decode()
    return normalised


def validated(source: Source, loads: list[Normalised | None]) -> list[tuple[pd.DataFrame, pd.DataFrame]]:
    """Accepted and rejected rows of each load that was not refused, in one run of the rules."""
    indicators = list(dict.fromkeys(series.indicator for series in source.series))
    frames = [load.observations.assign(load=n) for n, load in enumerate(load for load in loads if load)]
    rows = pd.concat(frames, ignore_index=True)
    rows["row_no"] = rows.index
    verdict = validate_observations(
        "publisher", rows, pd.DataFrame(columns=KEY), RULES, CATALOGUE, indicators
    )
    assert len(verdict.accepted) + len(verdict.rejected) == len(rows)
    rejected = verdict.rejected.assign(load=rows["load"].reindex(verdict.rejected.index))
    return [
        (verdict.accepted[verdict.accepted["load"] == n], rejected[rejected["load"] == n])
        for n in range(len(frames))
    ]


def observations(rows: pd.DataFrame) -> "Counter[Any]":
    return Counter(zip(*(rows[column] for column in [*KEY, "obs_value", "unit_measure"]), strict=True))


def damaged(chance: Random, content: bytes) -> bytes:
    """Bytes cut, flipped, removed, inserted, or written in another encoding."""
    start, end = sorted(chance.randrange(len(content) + 1) for _ in range(2))
    match chance.randrange(5):
        case 0:
            return content[:start]
        case 1:
            flipped = bytearray(content)
            for _ in range(chance.choice((1, 5, 50))):
                flipped[chance.randrange(len(content))] ^= chance.randrange(1, 256)
            return bytes(flipped)
        case 2:
            return content[:start] + content[end:]
        case 3:
            return content[:start] + chance.randbytes(8) + content[start:]
        case _:
            return content.decode("utf-8", "replace").encode(chance.choice(ENCODINGS), "replace")


def mutated(chance: Random, head: Grid, rows: Grid) -> tuple[Grid, Grid]:
    """Lines removed, repeated, shuffled or shortened, cells replaced by hostile ones, columns renamed."""
    head, rows = copy.deepcopy(head), copy.deepcopy(rows)
    for _ in range(chance.randint(1, 3)):
        match chance.randrange(8):
            case 0 if rows:
                del rows[chance.randrange(len(rows))]
            case 1 if rows:
                rows.insert(chance.randrange(len(rows)), list(chance.choice(rows)))
            case 2:
                chance.shuffle(rows)
            case 3 if rows and (row := chance.choice(rows)):
                row.pop()
            case 4:
                head[-1][chance.randrange(len(head[-1]))] = chance.choice((*HOSTILE, chance.choice(head[-1])))
            case 5:
                one, other = (chance.randrange(len(head[-1])) for _ in range(2))
                head[-1][one], head[-1][other] = head[-1][other], head[-1][one]
            case _ if rows and (row := chance.choice(rows)):
                row[chance.randrange(len(row))] = chance.choice(HOSTILE)
    return head, rows


def places_in(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The paths to a JSON value's parts, of long arrays only the first few."""
    keys = list(value) if isinstance(value, dict) else range(len(value) if isinstance(value, list) else 0)
    return [path] * bool(path) + [p for key in keys[:8] for p in places_in(value[key], (*path, key))]


def distorted(chance: Random, value: Any) -> bytes:
    """JSON with parts replaced, removed, or repeated."""
    value = copy.deepcopy(value)
    for _ in range(chance.randint(1, 2)):
        *path, last = chance.choice(places_in(value) or [("",)])
        parent = value
        for key in path:
            parent = parent[key]
        match chance.randrange(5):
            case 0 if path or isinstance(parent, dict):
                parent.pop(last)
            case 1 if isinstance(parent, list):
                parent.insert(last, copy.deepcopy(parent[last]))
            case _:
                parent[last] = chance.choice((*HOSTILE, "\ud800", *TYPED))
        if not value:
            break
    return json.dumps(value, ensure_ascii=chance.random() < 0.5).encode("utf-8", "surrogatepass")


def test_every_format_has_a_specimen() -> None:
    formats = {
        CATALOGUE.sources[name].format for name in (*ANSWERS, *(source for source, _ in TABLES.values()))
    }
    assert formats == set(CONNECTORS) - NOT_HERE


@pytest.mark.parametrize("name", TABLES)
def test_a_specimen_has_observations_of_ours(name: str, shared: Path) -> None:
    table = table_named(name, shared / "data")
    normalised = account(table.source, table.contents())
    assert normalised is not None
    assert len(normalised.observations)


@pytest.mark.parametrize("name", TABLES)
@QUICK
@given(chance=CHANCE)
def test_damaged_bytes_are_read_or_refused_by_name(name: str, chance: Random, shared: Path) -> None:
    table = table_named(name, shared / "data")
    contents = table.contents()
    number = chance.randrange(len(contents))
    url, content = contents[number]
    if table.source.format == "undata" and chance.random() < 0.5:
        content = zipped(content)
    contents[number] = url, damaged(chance, content)
    account(table.source, contents)


@pytest.mark.parametrize("name", TABLES)
@QUICK
@given(chance=CHANCE)
def test_no_record_of_a_hostile_table_is_lost(name: str, chance: Random, shared: Path) -> None:
    table = table_named(name, shared / "data")
    number = chance.randrange(len(table.files))
    head, rows = mutated(chance, table.files[number].head, table.files[number].rows)
    account(table.source, table.contents(number, head, rows))


@pytest.mark.parametrize("name", ANSWERS)
@settings(QUICK, max_examples=50)
@given(chance=CHANCE)
def test_no_record_of_a_distorted_answer_is_lost(name: str, chance: Random, shared: Path) -> None:
    source, url, value = answer_named(name, shared / "data")
    content = distorted(chance, value)
    account(source, [(url, damaged(chance, content) if chance.random() < 0.2 else content)])


@pytest.mark.parametrize("name", [name for name in TABLES if not name.endswith(("-2", "-3"))])
@VALIDATED
@given(chance=CHANCE)
def test_validates_every_observation_regardless_of_order_and_repeats(
    name: str, chance: Random, shared: Path
) -> None:
    table = table_named(name, shared / "data")
    head, rows = table.files[0].head, table.files[0].rows
    shuffled = chance.sample(rows, k=len(rows))
    repeated = shuffled + [list(row) for row in chance.sample(rows, k=len(rows) // 2)]
    loads = [account(table.source, table.contents(rows=order)) for order in (rows, shuffled, repeated)]
    if table.source.format == "nasa_power":
        # A repeated day is no row to reject: it is unknown which values of its year it makes wrong.
        assert loads.pop() is None
    plain = len(loads)
    loads += [account(table.source, table.contents(0, *mutated(chance, head, rows))) for _ in range(4)]
    verdicts = validated(table.source, loads)
    for accepted, rejected in verdicts:
        assert accepted["obs_value"].notna().all()
        assert all(rejected["reason"])
    if name not in SUMMED:
        (accepted, rejected), *others = verdicts[:plain]
        for still_accepted, then_rejected in others:
            assert observations(still_accepted) == observations(accepted)
            assert set(then_rejected["rule"]) <= {*rejected["rule"], "no_repeat"}


def test_a_repeat_that_a_source_does_not_sum_is_rejected_by_name(shared: Path) -> None:
    table = table_named("ndvi_stowell-1", shared / "data")
    row = table.files[0].rows[0]
    ((once, none), (still_once, repeats)) = validated(
        table.source, [account(table.source, table.contents(rows=rows)) for rows in ([row], [row, row])]
    )
    assert observations(once) == observations(still_once)
    assert (len(once), len(none), set(repeats["rule"])) == (4, 0, {"no_repeat"})
    assert len(repeats) == 4


def test_a_repeat_that_a_source_sums_is_added(shared: Path) -> None:
    table = table_named("metro_systems-1", shared / "data")
    row = table.files[0].rows[0]
    once, twice = (account(table.source, table.contents(rows=rows)) for rows in ([row], [row, row]))
    assert once is not None
    assert twice is not None
    assert list(twice.observations["obs_value"]) == [2 * value for value in once.observations["obs_value"]]


DAY: Final = b"YEAR,DOY,T2M_MAX,T2M_MIN,PRECTOTCORR,LAT,LON\n2018,9,1,1,1,52.52,13.405\n"
# Eleven bytes of data follow a header of 47.
PACKED: Final = zipped(b"Year" * 99)
CRASHES: Final = {
    "a line end of its own kind in a header": ("owid_grapher-1", b"Entity,Code\rYear\n", "the header lacks"),
    "a zip whose directory points before its beginning": (
        "undata_population-1",
        PACKED[:47] + PACKED[58:],
        "the zip cannot be read",
    ),
    "a zip of data that do not unpack": (
        "undata_population-1",
        PACKED[:47] + b"\xff" * 11 + PACKED[58:],
        "the zip cannot be read",
    ),
    "a codebook without years": (
        "what_a_waste",
        b"iso3c,city_name,measurement\nRUS,Moscow,population\n",
        "a column is declared as 'units'",
    ),
    "a table of waste without names": ("what_a_waste", b"iso3c,x\nRUS,1\n", r"each of \['city_name'\]"),
    "a header of NASA whose point is no point": (
        "nasa_power-answer",
        b"-BEGIN HEADER-\nLocation: latitude 1.2.3 longitude 4\n-END HEADER-\n" + DAY,
        "the header gives no point",
    ),
    "a header of NASA whose mark of missing days is no number": (
        "nasa_power-answer",
        b"-BEGIN HEADER-\nLocation: latitude 1.2 longitude 4\n"
        b"The value for missing source data: 1.2.3\n-END HEADER-\n" + DAY,
        "missing days are marked 1.2.3",
    ),
    "a field of NASA longer than any": ("nasa_power", DAY + b"1" * 140_000 + b",1\n", "the table is not CSV"),
    "a column of NASA twice": ("nasa_power", b"YEAR,DOY,DOY\n2018,1,1\n", "appear more than once"),
    "a day of NASA beyond all calendars": ("nasa_power", DAY.replace(b",9,", b",1e30,"), "has no day '1e30'"),
}


@pytest.mark.parametrize("name", CRASHES)
def test_refuses_what_once_crashed(name: str) -> None:
    table, content, fault = CRASHES[name]
    source = CATALOGUE.sources[TABLES[table][0]]
    archived = iter([as_snapshot(content, "https://publisher.example/grapher/per-capita-energy-use.csv")])
    with pytest.raises(SourceContractError, match=fault):
        list(connector_of(source).read(source, archived, EVERY_YEAR))


@pytest.mark.parametrize("text", ["1" + "0" * 5_000, "[" * 100_000 + "]" * 100_000, '"\\ud800"'])
@pytest.mark.parametrize("source", ["world_bank", "open_meteo_air", "nasa_power"])
def test_json_that_cannot_be_stored_breaks_the_contract(source: str, text: str) -> None:
    content = f'{{"error": true, "reason": {text}}}'.encode()
    connector = connector_of(CATALOGUE.sources[source])
    with pytest.raises(SourceContractError):
        list(connector.read(CATALOGUE.sources[source], iter([as_snapshot(content)]), EVERY_YEAR))


def test_values_beyond_floats_are_no_numbers() -> None:
    assert math.isnan(as_number("1e999999", Decimal(1000)))
    assert as_text(10**400) == 10**400
    assert math.isnan(as_number(as_text(10**400)))
    assert total([1e308, 1e308]) == math.inf


def test_the_year_one_has_no_half_year_before_it() -> None:
    assert inventory_year("01/01/0001 12:00:00 AM") == "01/01/0001 12:00:00 AM"


def test_a_character_that_postgresql_stores_nowhere_is_marked(shared: Path) -> None:
    table = table_named("ndvi_stowell-1", shared / "data")
    file = table.files[0]
    row = list(file.rows[0])
    row[file.head[0].index("peak_weight_2010")] = "0.5\0"
    normalised = account(table.source, table.contents(rows=[row]))
    assert normalised is not None
    assert "0.5\ufffd" in set(normalised.observations["value_as_published"])
