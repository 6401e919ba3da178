"""Unchanged blocks are skipped by their digests, without changing the result of a publication."""

from collections import Counter
from collections.abc import Callable, Collection, Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import product
from pathlib import Path
from random import Random
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sqlalchemy import Engine, text

from city_indicators.ingest.load import publish_load
from city_indicators.warehouse.publish import Outcome
from city_indicators.warehouse.staged import STAGED_COLUMNS, rows_of_blocks
from tests.warehouse.bench import SOURCE, Bench
from tests.warehouse.conftest import NOON, Publisher
from tests.warehouse.entered import LoadInput, Observation, enter
from tests.warehouse.invariants import check_stored_blocks, digests

Query = Callable[[str], list[tuple[object, ...]]]

RUSSIA = Observation("RUS", "2019", 1.5)
BRAZIL = Observation("BRA", "2019", 2.5)
CHINA = Observation("CHN", "2019", 3.5)

VERSIONS = """
select indicator, time_period, ref_area, version, obs_value, withdrawn
from core.observation_version where source = :source order by 1, 2, 3, 4
"""


def digest_of(*observations: Observation) -> str:
    ((_, digest),) = digests(
        [(SOURCE, f.ref_area, f.indicator, f.time_period, *f[2:3], *f[4:7]) for f in observations]
    ).items()
    return digest


@pytest.fixture
def bench(warehouse: Engine, tmp_path: Path) -> Bench:
    return Bench(warehouse, tmp_path)


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[set[tuple[str, str]]]:
    """The blocks that each publication sends to the server."""
    recorded: list[set[tuple[str, str]]] = []
    fresh: list[set[tuple[str, str]]] = []

    def record(
        rows: pq.ParquetFile, blocks: Collection[tuple[str, str]], columns: list[str]
    ) -> Iterator[pa.RecordBatch]:
        # First the versions of new blocks, then their state, then the blocks to be compared.
        if columns == STAGED_COLUMNS and fresh:
            recorded.append(fresh.pop() | set(blocks))
        elif columns == STAGED_COLUMNS:
            fresh.append(set(blocks))
        return rows_of_blocks(rows, blocks, columns)

    monkeypatch.setattr("city_indicators.warehouse.publish.rows_of_blocks", record)
    return recorded


def test_does_not_send_unchanged_blocks(bench: Bench, sent: list[set[tuple[str, str]]]) -> None:
    years = range(2018, 2020)
    before = [RUSSIA, BRAZIL, RUSSIA._replace(time_period="2018")]
    assert bench.load_input(LoadInput(SOURCE, years, before)) == Outcome(3, 0, 0, 0, 0)
    assert bench.load_input(LoadInput(SOURCE, years, before, minute=1)) == Outcome(0, 0, 0, 3, 0)
    changed = [RUSSIA, BRAZIL._replace(obs_value=7), before[-1]]
    assert bench.load_input(LoadInput(SOURCE, years, changed, minute=2)) == Outcome(0, 1, 0, 2, 0)
    both, of_2019 = {("ENERGY_PC", "2018"), ("ENERGY_PC", "2019")}, {("ENERGY_PC", "2019")}
    assert sent == [both, set(), of_2019]
    check_stored_blocks(bench.rows)


def test_a_rejected_row_keeps_its_stored_observation_and_block(
    bench: Bench, sent: list[set[tuple[str, str]]]
) -> None:
    bench.load(RUSSIA, BRAZIL)
    assert bench.load(RUSSIA, minute=1, rejected=(BRAZIL,)) == Outcome(0, 0, 0, 1, 0)
    # The load gave one of two stored observations, which is not the complete block.
    assert bench.digest() == digest_of(RUSSIA, BRAZIL)
    assert bench.load(RUSSIA, BRAZIL, minute=2) == Outcome(0, 0, 0, 2, 0)
    assert sent[1:] == [{("ENERGY_PC", "2019")}, set()]
    assert bench.load(RUSSIA, minute=3) == Outcome(0, 0, 1, 1, 0)
    assert bench.digest() == digest_of(RUSSIA)


def test_a_change_beside_a_rejected_row_removes_the_digest(bench: Bench) -> None:
    bench.load(RUSSIA, BRAZIL)
    changed = RUSSIA._replace(obs_value=7)
    assert bench.load(changed, minute=1, rejected=(BRAZIL,)) == Outcome(0, 1, 0, 0, 0)
    assert bench.digest() is None
    assert bench.load(changed, minute=2, rejected=(BRAZIL,)) == Outcome(0, 0, 0, 1, 0)
    assert bench.digest() is None
    assert bench.load(changed, BRAZIL, minute=3) == Outcome(0, 0, 0, 2, 0)
    assert bench.digest() == digest_of(changed, BRAZIL)


def test_a_row_rejected_by_a_rule_keeps_its_stored_observation(publisher: Publisher, query: Query) -> None:
    many: dict[str, object] = {code: 1000 + n for n, code in enumerate(("BRA", "CHN", "IND", "RUS", "ZAF"))}
    blocks = "select observations, digest from core.observation_block"
    publisher.load(many)
    before = query(blocks)
    assert publisher.load({**many, "RUS": 987654}) == Outcome(0, 0, 0, 4, 0)
    assert query(blocks) == before
    assert publisher.load(many) == Outcome(0, 0, 0, 5, 0)
    check_stored_blocks(query)


def test_an_observation_dropped_by_a_correction_is_withdrawn(bench: Bench) -> None:
    bench.load(RUSSIA, BRAZIL)
    load_id = enter(
        bench.warehouse, bench.staging, LoadInput(SOURCE, range(2019, 2020), [RUSSIA], 1, rejected=[BRAZIL])
    )
    with bench.warehouse.begin() as connection:
        connection.execute(text("update quality.rejected_row set rule = 'dropped_by_correction'"))
    at = NOON + timedelta(days=2)
    assert publish_load(load_id, bench.staging, bench.warehouse, lambda: at) == Outcome(0, 0, 1, 1, 0)
    assert bench.digest() == digest_of(RUSSIA)


def test_a_replay_of_the_same_bytes_withdraws_what_a_correction_drops(bench: Bench) -> None:
    """The replay has the time of the first fetch: an observation of that very time is not newer."""
    bench.load(RUSSIA, BRAZIL, minute=5)
    replayed = LoadInput(SOURCE, range(2019, 2020), [RUSSIA], 5, rejected=[BRAZIL])
    load_id = enter(bench.warehouse, bench.staging, replayed)
    with bench.warehouse.begin() as connection:
        connection.execute(text("update quality.rejected_row set rule = 'dropped_by_correction'"))
    at = NOON + timedelta(days=2)
    assert publish_load(load_id, bench.staging, bench.warehouse, lambda: at) == Outcome(0, 0, 1, 1, 0)
    assert bench.rows("select ref_area from core.observation") == [("RUS",)]
    assert bench.digest() == digest_of(RUSSIA)


def test_a_replay_of_the_same_bytes_revises_what_is_read_in_another_way(bench: Bench) -> None:
    bench.load(RUSSIA, BRAZIL, minute=5)
    changed = BRAZIL._replace(obs_value=7)
    assert bench.load(RUSSIA, changed, CHINA, minute=5) == Outcome(1, 1, 0, 1, 0)
    assert bench.digest() == digest_of(RUSSIA, changed, CHINA)


def test_an_older_form_published_late_is_added(bench: Bench) -> None:
    """A form covers only the places that it names, so a later form of another place does not outdate it."""

    def form(observation: Observation, minute: int) -> LoadInput:
        return LoadInput(SOURCE, range(2019, 2020), [observation], minute, partial=True)

    assert bench.load_input(form(RUSSIA, minute=5)) == Outcome(1, 0, 0, 0, 0)
    assert bench.load_input(form(BRAZIL, minute=3)) == Outcome(1, 0, 0, 0, 0)
    # Of the same place it is outdated.
    assert bench.load_input(form(RUSSIA._replace(obs_value=9), minute=4)) == Outcome(0, 0, 0, 0, 1)
    assert sorted(bench.rows("select ref_area, obs_value from core.observation")) == [
        ("BRA", 2.5),
        ("RUS", 1.5),
    ]
    check_stored_blocks(bench.rows)


def test_a_load_that_was_fetched_later_and_not_published_outdates_nothing(bench: Bench) -> None:
    enter(bench.warehouse, bench.staging, LoadInput(SOURCE, range(2019, 2020), [CHINA], 9))
    assert bench.load(RUSSIA, minute=5) == Outcome(1, 0, 0, 0, 0)
    assert bench.load(RUSSIA._replace(obs_value=7), BRAZIL, minute=6) == Outcome(1, 1, 0, 0, 0)
    assert bench.digest() == digest_of(RUSSIA._replace(obs_value=7), BRAZIL)


def test_a_load_fetched_between_two_answers_of_another_is_compared_by_observation(bench: Bench) -> None:
    """The first load fetched Russia in minute 1 and Brazil in minute 3, the second everything in minute 2."""
    bench.load(RUSSIA, BRAZIL._replace(later=2), minute=1)
    russia, brazil = RUSSIA._replace(obs_value=7), BRAZIL._replace(obs_value=8)
    assert bench.load(russia, brazil, CHINA, minute=2) == Outcome(1, 1, 0, 0, 1)
    expected = [("BRA", 2.5), ("CHN", 3.5), ("RUS", 7)]
    assert sorted(bench.rows("select ref_area, obs_value from core.observation")) == expected
    check_stored_blocks(bench.rows)


def test_a_load_whose_last_answer_is_newer_is_compared_by_observation(bench: Bench) -> None:
    """The first load fetched everything in minute 2, the second Russia in minute 1 and Brazil in minute 3."""
    bench.load(RUSSIA, BRAZIL, CHINA, minute=2)
    russia, brazil = RUSSIA._replace(obs_value=7), BRAZIL._replace(obs_value=8, later=2)
    # The second load began before the first one, so it cannot withdraw China.
    assert bench.load(russia, brazil, minute=1) == Outcome(0, 1, 0, 0, 1)
    expected = [("BRA", 8), ("CHN", 3.5), ("RUS", 1.5)]
    assert sorted(bench.rows("select ref_area, obs_value from core.observation")) == expected
    check_stored_blocks(bench.rows)


ENERGY_AND_CO2: Final = ("CO2_PC", "ENERGY_PC")


def of_three_years(*places: str) -> list[Observation]:
    """An observation of each place, year from 2017 to 2019, and indicator."""
    return [
        Observation(place, str(year), 1.5, indicator)
        for place, year, indicator in product(places, range(2017, 2020), ENERGY_AND_CO2)
    ]


def keys(observations: list[Observation]) -> set[tuple[object, ...]]:
    return {(each.ref_area, each.indicator, each.time_period) for each in observations}


LIVE_KEYS = "select ref_area, indicator, time_period from core.observation where source = :source"


def test_a_load_withdraws_exactly_what_it_does_not_give_within_its_scope(bench: Bench) -> None:
    """It covers energy of 2018, and gives Russia. Other years, indicators and sources stay."""
    everything = of_three_years("BRA", "RUS")
    years = range(2017, 2020)
    for source in (SOURCE, "world_bank"):
        bench.load_input(LoadInput(source, years, everything, indicators=ENERGY_AND_CO2))
    given = [Observation("RUS", "2018", 1.5)]
    assert bench.load_input(LoadInput(SOURCE, range(2018, 2019), given, 1)) == Outcome(0, 0, 1, 1, 0)
    assert set(bench.rows(LIVE_KEYS, source=SOURCE)) == keys(everything) - {("BRA", "ENERGY_PC", "2018")}
    assert set(bench.rows(LIVE_KEYS, source="world_bank")) == keys(everything)
    check_stored_blocks(bench.rows)


def test_a_row_that_is_given_or_rejected_keeps_only_its_own_observation(bench: Bench) -> None:
    """Of eighteen observations two are given and two rejected, each in another place, year or indicator."""
    everything = of_three_years("BRA", "CHN", "RUS")
    bench.load_input(LoadInput(SOURCE, range(2017, 2020), everything, indicators=ENERGY_AND_CO2))
    given = [everything[0], everything[9]]
    rejected = [everything[7], everything[16]]
    changed = LoadInput(SOURCE, range(2017, 2020), given, 1, rejected, ENERGY_AND_CO2)
    assert bench.load_input(changed) == Outcome(0, 0, 14, 2, 0)
    assert set(bench.rows(LIVE_KEYS, source=SOURCE)) == keys([*given, *rejected])
    check_stored_blocks(bench.rows)


def test_a_later_load_outdates_only_its_own_years_indicators_and_source(bench: Bench) -> None:
    """An empty load of 2018, fetched last, says nothing about 2017, 2019, other indicators or sources."""
    of_2018 = {"years": range(2018, 2019), "observations": []}
    bench.load_input(LoadInput(SOURCE, minute=9, **of_2018))
    bench.load_input(LoadInput("world_bank", minute=9, years=range(2017, 2020), observations=[]))
    years = [RUSSIA._replace(time_period=str(year)) for year in range(2017, 2020)]
    other = [each._replace(indicator="CO2_PC") for each in years]
    given = LoadInput(SOURCE, range(2017, 2020), [*years, *other], 1, indicators=("CO2_PC", "ENERGY_PC"))
    assert bench.load_input(given) == Outcome(5, 0, 0, 0, 1)
    stored = bench.rows("select indicator, time_period from core.observation order by 1, 2")
    assert stored == [
        *(("CO2_PC", "2017"), ("CO2_PC", "2018"), ("CO2_PC", "2019")),
        *(("ENERGY_PC", "2017"), ("ENERGY_PC", "2019")),
    ]


def test_an_earlier_fetch_does_not_change_the_digest(bench: Bench) -> None:
    bench.load(RUSSIA, BRAZIL, minute=2)
    assert bench.load(RUSSIA._replace(obs_value=9), CHINA, minute=1) == Outcome(0, 0, 0, 0, 2)
    assert bench.digest() == digest_of(RUSSIA, BRAZIL)
    # As many observations as stored, one of them different: the count alone is not enough.
    assert bench.load(RUSSIA, BRAZIL._replace(obs_value=9), minute=1) == Outcome(0, 0, 0, 1, 1)
    assert bench.digest() == digest_of(RUSSIA, BRAZIL)
    assert bench.load(RUSSIA, BRAZIL, minute=0) == Outcome(0, 0, 0, 2, 0)
    assert bench.load(RUSSIA, BRAZIL, minute=3) == Outcome(0, 0, 0, 2, 0)
    assert bench.digest() == digest_of(RUSSIA, BRAZIL)


def test_an_earlier_fetch_does_not_fill_an_empty_block(bench: Bench) -> None:
    assert bench.load(minute=2) == Outcome(0, 0, 0, 0, 0)
    assert bench.load(RUSSIA, BRAZIL, minute=1) == Outcome(0, 0, 0, 0, 2)
    assert bench.rows("select count(*) from core.observation_block") == [(0,)]
    assert bench.load(RUSSIA, BRAZIL, minute=3) == Outcome(2, 0, 0, 0, 0)
    assert bench.digest() == digest_of(RUSSIA, BRAZIL)


def test_a_withdrawn_observation_is_not_in_the_digest_until_restored(bench: Bench) -> None:
    bench.load(RUSSIA, BRAZIL)
    assert bench.load(RUSSIA, minute=1) == Outcome(0, 0, 1, 1, 0)
    assert bench.digest() == digest_of(RUSSIA)
    assert bench.load(RUSSIA, minute=2) == Outcome(0, 0, 0, 1, 0)
    assert bench.load(RUSSIA, BRAZIL, minute=3) == Outcome(1, 0, 0, 1, 0)
    assert bench.digest() == digest_of(RUSSIA, BRAZIL)
    brazil = "select version, obs_value from core.observation_version where ref_area = 'BRA' order by 1"
    assert bench.rows(brazil) == [(1, 2.5), (2, None), (3, 2.5)]


def test_a_block_loses_all_observations_and_gets_them_back(bench: Bench) -> None:
    bench.load(RUSSIA, BRAZIL)
    assert bench.load(minute=1) == Outcome(0, 0, 2, 0, 0)
    assert bench.digest() is None
    assert bench.rows("select observations from core.observation_block") == [(0,)]
    assert bench.load(minute=2) == Outcome(0, 0, 0, 0, 0)
    assert bench.load(RUSSIA, BRAZIL, minute=3) == Outcome(2, 0, 0, 0, 0)
    assert bench.digest() == digest_of(RUSSIA, BRAZIL)


def test_a_partial_load_has_a_digest_only_if_it_is_complete(bench: Bench) -> None:
    def form(*observations: Observation, minute: int) -> LoadInput:
        return LoadInput(SOURCE, range(2019, 2020), observations, minute, partial=True)

    bench.load(RUSSIA, BRAZIL)
    assert bench.load_input(form(RUSSIA._replace(obs_value=7), minute=1)) == Outcome(0, 1, 0, 0, 0)
    assert bench.digest() is None
    assert bench.load_input(form(minute=2)) == Outcome(0, 0, 0, 0, 0)
    assert bench.load_input(form(RUSSIA, BRAZIL, minute=3)) == Outcome(0, 1, 0, 1, 0)
    assert bench.digest() == digest_of(RUSSIA, BRAZIL)
    assert bench.load_input(form(BRAZIL, minute=4)) == Outcome(0, 0, 0, 1, 0)
    assert bench.digest() == digest_of(RUSSIA, BRAZIL)


@pytest.mark.parametrize(
    "change",
    [{"unit_measure": "KT"}, {"obs_status": "E"}, {"geo_basis": "city"}, {"obs_value": 1.5000000001}],
)
def test_a_change_of_any_content_column_is_a_revision(change: dict[str, object], bench: Bench) -> None:
    changed = RUSSIA._replace(**change)
    bench.load(RUSSIA, BRAZIL)
    assert bench.load(changed, BRAZIL, minute=1) == Outcome(0, 1, 0, 1, 0)
    assert bench.digest() == digest_of(changed, BRAZIL) != digest_of(RUSSIA, BRAZIL)
    assert bench.load(changed, BRAZIL, minute=2) == Outcome(0, 0, 0, 2, 0)


PLACES = ("BRA", "CHN", "IND", "RUS")
INDICATORS = ("CO2_PC", "ENERGY_PC")
FORGET_DIGESTS = "update core.observation_block set digest = null where source = :source"
# An existing empty block is not taken for a new one.
ADD_EMPTY_BLOCKS = """
insert into core.observation_block (source, indicator, time_period, observations, load_id)
select :source, indicator, year::text, 0, (select min(load_id) from ops.load)
from unnest(cast(:indicators as text[])) as indicator, unnest(cast(:years as integer[])) as year
on conflict do nothing
"""


def at_random(chance: Random, years: range, minute: int) -> LoadInput:
    """A random load of one year or both: half of them without oddities, some fetched out of order."""
    chosen = chance.choice([years, years[:1], years[1:]])
    usual = chance.choice([1.5, 1.5, 2.5])
    odd = chance.choice([0, 1])
    drawn: dict[str, list[Observation]] = {"given": [], "rejected": [], "absent": []}
    for place, indicator, year in product(PLACES, INDICATORS, chosen):
        observation = Observation(
            place,
            str(year),
            chance.choices([usual, 1.5, 2.5], [8, odd, odd])[0],
            indicator,
            chance.choices(["KWH_PC", "KT"], [9, odd])[0],
            chance.choices("AE", [9, odd])[0],
            chance.choices(["country", "city"], [9, odd])[0],
            chance.choices([0, 2], [4, odd])[0],
        )
        drawn[chance.choices(list(drawn), [6, odd, odd])[0]].append(observation)
    return LoadInput(
        SOURCE,
        chosen,
        drawn["given"],
        minute - chance.choice([0, 0, 3]),
        drawn["rejected"],
        INDICATORS,
        partial=chance.random() < 0.15,
    )


def test_skipping_blocks_does_not_change_the_result(bench: Bench, sent: list[set[tuple[str, str]]]) -> None:
    """Two sources give the same data; the blocks of one of them are always compared row by row."""
    outcomes: Counter[str] = Counter()
    for sequence in range(12):
        chance = Random(sequence)  # noqa: S311
        # The years of the sequences do not overlap.
        years = range(1900 + 2 * sequence, 1902 + 2 * sequence)
        for minute in range(8):
            given = at_random(chance, years, minute)
            quickly = bench.load_input(given)
            with bench.warehouse.begin() as connection:
                of = {"source": "world_bank", "indicators": list(INDICATORS), "years": list(given.years)}
                connection.execute(text(FORGET_DIGESTS), of)
                connection.execute(text(ADD_EMPTY_BLOCKS), of)
            slowly = bench.load_input(replace(given, source="world_bank", run_id=f"slowly {given.run_id}"))
            assert (sequence, minute, quickly) == (sequence, minute, slowly)
            check_stored_blocks(bench.rows)
            outcomes.update(quickly.to_json())
    assert bench.rows(VERSIONS, source=SOURCE) == bench.rows(VERSIONS, source="world_bank")
    # Every kind of outcome occurred, and at least a tenth of the blocks was skipped.
    assert min(outcomes.values()) > 20
    assert sum(map(len, sent[::2])) < 0.9 * sum(map(len, sent[1::2]))
