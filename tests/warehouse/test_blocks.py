"""Equal blocks are not sent again: what is kept to tell so is true, and changes nothing of the result."""

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
from tests.queries import rows
from tests.warehouse.conftest import NOON, Publisher
from tests.warehouse.entered import Observation, Told, enter
from tests.warehouse.invariants import check_stored_blocks, digests

Query = Callable[[str], list[tuple[object, ...]]]

SOURCE: Final = "owid_grapher"
RUSSIA = Observation("RUS", "2019", 1.5)
BRAZIL = Observation("BRA", "2019", 2.5)
CHINA = Observation("CHN", "2019", 3.5)

VERSIONS = """
select indicator, time_period, ref_area, version, obs_value, withdrawn
from core.observation_version where source = :source order by 1, 2, 3, 4
"""


class Bench:
    """Enters and publishes loads of a source, and holds the warehouse to what must be true after each."""

    def __init__(self, warehouse: Engine, staging: Path) -> None:
        self.warehouse = warehouse
        self.staging = staging
        self._published = 0

    def say(
        self, *observations: Observation, minute: int = 0, rejected: tuple[Observation, ...] = ()
    ) -> Outcome:
        return self.tell(Told(SOURCE, range(2019, 2020), observations, minute, rejected))

    def tell(self, told: Told) -> Outcome:
        load_id = enter(self.warehouse, self.staging, told)
        self._published += 1
        at = NOON + timedelta(days=1, minutes=self._published)
        return publish_load(load_id, self.staging, self.warehouse, lambda: at)

    def rows(self, query: str, **parameters: object) -> list[tuple[object, ...]]:
        return rows(self.warehouse, query, **parameters)

    def digest(self, time_period: str = "2019") -> object:
        """The digest that is kept of the block, and seen to be true."""
        check_stored_blocks(self.rows)
        ((digest,),) = self.rows(
            "select digest from core.observation_block where time_period = :of and indicator = 'ENERGY_PC'",
            of=time_period,
        )
        return digest


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
    """The blocks that each publication sends."""
    noted: list[set[tuple[str, str]]] = []
    fresh: list[set[tuple[str, str]]] = []

    def note(
        rows: pq.ParquetFile, blocks: Collection[tuple[str, str]], columns: list[str]
    ) -> Iterator[pa.RecordBatch]:
        # The versions of fresh blocks, their current observations, then the blocks to be compared.
        if columns == STAGED_COLUMNS and fresh:
            noted.append(fresh.pop() | set(blocks))
        elif columns == STAGED_COLUMNS:
            fresh.append(set(blocks))
        return rows_of_blocks(rows, blocks, columns)

    monkeypatch.setattr("city_indicators.warehouse.publish.rows_of_blocks", note)
    return noted


def test_equal_blocks_are_not_sent_again(bench: Bench, sent: list[set[tuple[str, str]]]) -> None:
    years = range(2018, 2020)
    before = [RUSSIA, BRAZIL, RUSSIA._replace(time_period="2018")]
    assert bench.tell(Told(SOURCE, years, before)) == Outcome(3, 0, 0, 0, 0)
    assert bench.tell(Told(SOURCE, years, before, minute=1)) == Outcome(0, 0, 0, 3, 0)
    changed = [RUSSIA, BRAZIL._replace(obs_value=7), before[-1]]
    assert bench.tell(Told(SOURCE, years, changed, minute=2)) == Outcome(0, 1, 0, 2, 0)
    both, of_2019 = {("ENERGY_PC", "2018"), ("ENERGY_PC", "2019")}, {("ENERGY_PC", "2019")}
    assert sent == [both, set(), of_2019]
    check_stored_blocks(bench.rows)


def test_a_row_rejected_today_stays_known_and_so_does_its_block(
    bench: Bench, sent: list[set[tuple[str, str]]]
) -> None:
    bench.say(RUSSIA, BRAZIL)
    assert bench.say(RUSSIA, minute=1, rejected=(BRAZIL,)) == Outcome(0, 0, 0, 1, 0)
    # The load gave one observation and two are held: what it gave must not be taken for the whole.
    assert bench.digest() == digest_of(RUSSIA, BRAZIL)
    assert bench.say(RUSSIA, BRAZIL, minute=2) == Outcome(0, 0, 0, 2, 0)
    assert sent[1:] == [{("ENERGY_PC", "2019")}, set()]
    assert bench.say(RUSSIA, minute=3) == Outcome(0, 0, 1, 1, 0)
    assert bench.digest() == digest_of(RUSSIA)


def test_a_change_beside_a_row_rejected_today_leaves_no_digest(bench: Bench) -> None:
    bench.say(RUSSIA, BRAZIL)
    changed = RUSSIA._replace(obs_value=7)
    assert bench.say(changed, minute=1, rejected=(BRAZIL,)) == Outcome(0, 1, 0, 0, 0)
    assert bench.digest() is None
    assert bench.say(changed, minute=2, rejected=(BRAZIL,)) == Outcome(0, 0, 0, 1, 0)
    assert bench.digest() is None
    assert bench.say(changed, BRAZIL, minute=3) == Outcome(0, 0, 0, 2, 0)
    assert bench.digest() == digest_of(changed, BRAZIL)


def test_a_row_that_a_real_load_rejects_stays_known(publisher: Publisher, query: Query) -> None:
    many: dict[str, object] = {code: 1000 + n for n, code in enumerate(("BRA", "CHN", "IND", "RUS", "ZAF"))}
    kept = "select observations, digest from core.observation_block"
    publisher.say(many)
    before = query(kept)
    assert publisher.say({**many, "RUS": 987654}) == Outcome(0, 0, 0, 4, 0)
    assert query(kept) == before
    assert publisher.say(many) == Outcome(0, 0, 0, 5, 0)
    check_stored_blocks(query)


def test_a_figure_dropped_by_a_correction_is_withdrawn(bench: Bench) -> None:
    bench.say(RUSSIA, BRAZIL)
    load_id = enter(
        bench.warehouse, bench.staging, Told(SOURCE, range(2019, 2020), [RUSSIA], 1, rejected=[BRAZIL])
    )
    with bench.warehouse.begin() as connection:
        connection.execute(text("update quality.rejected_row set rule = 'dropped_by_correction'"))
    at = NOON + timedelta(days=2)
    assert publish_load(load_id, bench.staging, bench.warehouse, lambda: at) == Outcome(0, 0, 1, 1, 0)
    assert bench.digest() == digest_of(RUSSIA)


def test_a_load_fetched_earlier_puts_no_digest_of_its_own(bench: Bench) -> None:
    bench.say(RUSSIA, BRAZIL, minute=2)
    assert bench.say(RUSSIA._replace(obs_value=9), CHINA, minute=1) == Outcome(0, 0, 0, 0, 2)
    assert bench.digest() == digest_of(RUSSIA, BRAZIL)
    # As many as are held, one of them other: the number alone would not tell.
    assert bench.say(RUSSIA, BRAZIL._replace(obs_value=9), minute=1) == Outcome(0, 0, 0, 1, 1)
    assert bench.digest() == digest_of(RUSSIA, BRAZIL)
    assert bench.say(RUSSIA, BRAZIL, minute=0) == Outcome(0, 0, 0, 2, 0)
    assert bench.say(RUSSIA, BRAZIL, minute=3) == Outcome(0, 0, 0, 2, 0)
    assert bench.digest() == digest_of(RUSSIA, BRAZIL)


def test_a_block_that_a_later_load_found_empty_is_not_filled_by_an_earlier_one(bench: Bench) -> None:
    assert bench.say(minute=2) == Outcome(0, 0, 0, 0, 0)
    assert bench.say(RUSSIA, BRAZIL, minute=1) == Outcome(0, 0, 0, 0, 2)
    assert bench.rows("select count(*) from core.observation_block") == [(0,)]
    assert bench.say(RUSSIA, BRAZIL, minute=3) == Outcome(2, 0, 0, 0, 0)
    assert bench.digest() == digest_of(RUSSIA, BRAZIL)


def test_a_withdrawn_figure_is_no_more_part_of_the_digest_until_it_comes_back(bench: Bench) -> None:
    bench.say(RUSSIA, BRAZIL)
    assert bench.say(RUSSIA, minute=1) == Outcome(0, 0, 1, 1, 0)
    assert bench.digest() == digest_of(RUSSIA)
    assert bench.say(RUSSIA, minute=2) == Outcome(0, 0, 0, 1, 0)
    assert bench.say(RUSSIA, BRAZIL, minute=3) == Outcome(1, 0, 0, 1, 0)
    assert bench.digest() == digest_of(RUSSIA, BRAZIL)
    brazil = "select version, obs_value from core.observation_version where ref_area = 'BRA' order by 1"
    assert bench.rows(brazil) == [(1, 2.5), (2, None), (3, 2.5)]


def test_a_block_may_lose_all_of_its_figures_and_get_them_back(bench: Bench) -> None:
    bench.say(RUSSIA, BRAZIL)
    assert bench.say(minute=1) == Outcome(0, 0, 2, 0, 0)
    assert bench.digest() is None
    assert bench.rows("select observations from core.observation_block") == [(0,)]
    assert bench.say(minute=2) == Outcome(0, 0, 0, 0, 0)
    assert bench.say(RUSSIA, BRAZIL, minute=3) == Outcome(2, 0, 0, 0, 0)
    assert bench.digest() == digest_of(RUSSIA, BRAZIL)


def test_a_partial_load_is_the_whole_block_only_if_it_gives_all_of_it(bench: Bench) -> None:
    def form(*observations: Observation, minute: int) -> Told:
        return Told(SOURCE, range(2019, 2020), observations, minute, partial=True)

    bench.say(RUSSIA, BRAZIL)
    assert bench.tell(form(RUSSIA._replace(obs_value=7), minute=1)) == Outcome(0, 1, 0, 0, 0)
    assert bench.digest() is None
    assert bench.tell(form(minute=2)) == Outcome(0, 0, 0, 0, 0)
    assert bench.tell(form(RUSSIA, BRAZIL, minute=3)) == Outcome(0, 1, 0, 1, 0)
    assert bench.digest() == digest_of(RUSSIA, BRAZIL)
    assert bench.tell(form(BRAZIL, minute=4)) == Outcome(0, 0, 0, 1, 0)
    assert bench.digest() == digest_of(RUSSIA, BRAZIL)


@pytest.mark.parametrize(
    "change",
    [{"unit_measure": "KT"}, {"obs_status": "E"}, {"geo_basis": "city"}, {"obs_value": 1.5000000001}],
)
def test_a_change_of_anything_that_makes_a_version_is_seen(change: dict[str, object], bench: Bench) -> None:
    changed = RUSSIA._replace(**change)
    bench.say(RUSSIA, BRAZIL)
    assert bench.say(changed, BRAZIL, minute=1) == Outcome(0, 1, 0, 1, 0)
    assert bench.digest() == digest_of(changed, BRAZIL) != digest_of(RUSSIA, BRAZIL)
    assert bench.say(changed, BRAZIL, minute=2) == Outcome(0, 0, 0, 2, 0)


PLACES = ("BRA", "CHN", "IND", "RUS")
INDICATORS = ("CO2_PC", "ENERGY_PC")
FORGET_DIGESTS = "update core.observation_block set digest = null where source = :source"
# Of a block that is there but empty nothing is appended straight either.
NOTHING_IS_FRESH = """
insert into core.observation_block (source, indicator, time_period, observations, load_id)
select :source, indicator, year::text, 0, (select min(load_id) from ops.load)
from unnest(cast(:indicators as text[])) as indicator, unnest(cast(:years as integer[])) as year
on conflict do nothing
"""


def at_random(chance: Random, years: range, minute: int) -> Told:
    """What a source tells of one year or of both: every second time nothing odd, at times out of turn."""
    chosen = chance.choice([years, years[:1], years[1:]])
    usual = chance.choice([1.5, 1.5, 2.5])
    odd = chance.choice([0, 1])
    told: dict[str, list[Observation]] = {"given": [], "rejected": [], "absent": []}
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
        told[chance.choices(list(told), [6, odd, odd])[0]].append(observation)
    return Told(
        SOURCE,
        chosen,
        told["given"],
        minute - chance.choice([0, 0, 3]),
        told["rejected"],
        INDICATORS,
        partial=chance.random() < 0.15,
    )


def test_the_short_cuts_change_nothing(bench: Bench, sent: list[set[tuple[str, str]]]) -> None:
    """Of two sources that tell the same, one has its blocks compared by observation whatever they hold."""
    outcomes: Counter[str] = Counter()
    for sequence in range(12):
        chance = Random(sequence)  # noqa: S311
        # No sequence knows of the years of another.
        years = range(1900 + 2 * sequence, 1902 + 2 * sequence)
        for minute in range(8):
            told = at_random(chance, years, minute)
            quickly = bench.tell(told)
            with bench.warehouse.begin() as connection:
                of = {"source": "world_bank", "indicators": list(INDICATORS), "years": list(told.years)}
                connection.execute(text(FORGET_DIGESTS), of)
                connection.execute(text(NOTHING_IS_FRESH), of)
            slowly = bench.tell(replace(told, source="world_bank", run_id=f"slowly {told.run_id}"))
            assert (sequence, minute, quickly) == (sequence, minute, slowly)
            check_stored_blocks(bench.rows)
            outcomes.update(quickly.to_json())
    assert bench.rows(VERSIONS, source=SOURCE) == bench.rows(VERSIONS, source="world_bank")
    # All that a publication can do was done, and the short cut taken by every tenth block at least.
    assert min(outcomes.values()) > 20
    assert sum(map(len, sent[::2])) < 0.9 * sum(map(len, sent[1::2]))
