"""Staged rows: their order, and digests of blocks that change only with the observations."""

import io
from collections.abc import Iterable
from itertools import combinations
from random import Random
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from city_indicators.warehouse import staged
from city_indicators.warehouse.staged import STAGED_COLUMNS, STAGED_SCHEMA, contents, rows_of_blocks

Row = dict[str, Any]
Block = tuple[str, str]

RUSSIA: Final[Row] = {
    "ref_area": "RUS",
    "indicator": "ENERGY_PC",
    "time_period": "2019",
    "freq": "A",
    "obs_value": 60_000.0,
    "unit_measure": "KWH_PC",
    "obs_status": "A",
    "geo_basis": "country",
    "fetch_id": 1,
    "pointer": "line 2",
    "value_as_published": "60000",
    "unit_as_published": "kWh",
}
BRAZIL: Final = {**RUSSIA, "ref_area": "BRA", "obs_value": 0.1}
CHINA: Final = {**RUSSIA, "ref_area": "CHN", "obs_value": 1e300}
OTHER_BLOCKS: Final = (
    {**RUSSIA, "time_period": "2018"},
    {**RUSSIA, "time_period": "2020"},
    {**RUSSIA, "indicator": "CO2_PC"},
    {**RUSSIA, "indicator": "WASTE_PC"},
)
ENERGY_2019: Final = ("ENERGY_PC", "2019")

# Texts that could be confused when rows are concatenated.
TEXTS: Final = st.sampled_from(["a", "b", "a,b", 'a"', "a\nb", "", "1", "Москва", "北京"])
NUMBERS: Final = st.floats(allow_nan=False, allow_infinity=False)
OBSERVATIONS: Final = st.dictionaries(
    st.tuples(st.sampled_from(["CO2_PC", "ENERGY_PC"]), st.sampled_from(["2018", "2019", "2020"]), TEXTS),
    st.tuples(NUMBERS, TEXTS, TEXTS, TEXTS),
    max_size=25,
)
QUICK: Final = settings(
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@pytest.fixture
def few_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Group and read rows in threes."""
    monkeypatch.setattr(staged, "ROWS_AT_A_TIME", 3)


def staged_file(rows: Iterable[Row]) -> pq.ParquetFile:
    """The rows as a staged file."""
    stream = io.BytesIO()
    staged.write(pa.Table.from_pylist(list(rows), STAGED_SCHEMA), stream)
    return pq.ParquetFile(stream)


def digests(rows: Iterable[Row]) -> dict[Block, str]:
    blocks = contents(staged_file(rows)).blocks.to_pylist()
    return {(row["indicator"], row["time_period"]): row["digest"] for row in blocks}


def rows_of(file: pq.ParquetFile, blocks: set[Block]) -> list[Row]:
    return [row for batch in rows_of_blocks(file, blocks, STAGED_COLUMNS) for row in batch.to_pylist()]


def in_order(rows: Iterable[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: (row["indicator"], row["time_period"], row["ref_area"]))


def as_rows(observations: dict[tuple[str, str, str], tuple[float, str, str, str]]) -> list[Row]:
    columns = ("indicator", "time_period", "ref_area", "obs_value", "unit_measure", "obs_status", "geo_basis")
    return [
        {**RUSSIA, **dict(zip(columns, (*key, *rest), strict=True)), "pointer": f"line {number}"}
        for number, (key, rest) in enumerate(observations.items())
    ]


def test_rows_are_sorted_by_key() -> None:
    rows = [RUSSIA, CHINA, *OTHER_BLOCKS, BRAZIL]
    assert staged_file(rows).read().to_pylist() == in_order(rows)
    assert staged_file([]).read().schema == STAGED_SCHEMA


def test_contents_list_blocks_and_places() -> None:
    content = contents(staged_file([RUSSIA, BRAZIL, *OTHER_BLOCKS, CHINA]))
    assert [tuple(row.values())[:3] for row in content.blocks.to_pylist()] == [
        ("CO2_PC", "2019", 1),
        ("ENERGY_PC", "2018", 1),
        ("ENERGY_PC", "2019", 3),
        ("ENERGY_PC", "2020", 1),
        ("WASTE_PC", "2019", 1),
    ]
    assert content.places == {"BRA", "CHN", "RUS"}
    nothing = contents(staged_file([]))
    assert (nothing.blocks.num_rows, nothing.places) == (0, frozenset())


@pytest.mark.parametrize("at_a_time", [1, 2, 3, 5, 7])
def test_a_digest_does_not_depend_on_row_groups(at_a_time: int, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [{**RUSSIA, "ref_area": f"{n:02}", "obs_value": float(n)} for n in range(11)]
    expected = digests([*rows, *OTHER_BLOCKS])
    monkeypatch.setattr(staged, "ROWS_AT_A_TIME", at_a_time)
    assert digests([*rows, *OTHER_BLOCKS]) == expected
    grouped = staged_file([*rows, *OTHER_BLOCKS])
    assert grouped.num_row_groups == -(-15 // at_a_time)
    monkeypatch.undo()
    assert contents(grouped).blocks["digest"].to_pylist() == list(expected.values())


@pytest.mark.usefixtures("few_at_a_time")
def test_a_digest_does_not_depend_on_other_blocks_or_order() -> None:
    block = [RUSSIA, BRAZIL, CHINA]
    alone = digests(block)[ENERGY_2019]
    assert digests([*OTHER_BLOCKS, *reversed(block)])[ENERGY_2019] == alone
    for others in combinations(OTHER_BLOCKS, 2):
        assert digests([*others, *block])[ENERGY_2019] == alone


@pytest.mark.parametrize(
    "change",
    [
        {"ref_area": "RU"},
        {"obs_value": 60_000.00000000001},
        {"unit_measure": "KWH"},
        {"obs_status": "E"},
        {"geo_basis": "city"},
    ],
)
def test_a_digest_depends_on_each_part_of_an_observation(change: Row) -> None:
    assert digests([BRAZIL, {**RUSSIA, **change}]) != digests([BRAZIL, RUSSIA])


def test_a_digest_depends_on_the_set_of_observations() -> None:
    found = [digests(rows)[ENERGY_2019] for rows in ([BRAZIL, RUSSIA], [BRAZIL, RUSSIA, CHINA], [BRAZIL])]
    assert len(set(found)) == 3


def test_a_digest_ignores_the_position_in_the_source() -> None:
    elsewhere = {"fetch_id": 2, "pointer": "line 9", "value_as_published": "6e4", "unit_as_published": "KWH"}
    assert digests([BRAZIL, {**RUSSIA, **elsewhere}]) == digests([BRAZIL, RUSSIA])


@pytest.mark.usefixtures("few_at_a_time")
def test_any_choice_of_blocks_returns_its_rows() -> None:
    rows = [*OTHER_BLOCKS, *({**RUSSIA, "ref_area": f"{n:02}", "pointer": f"line {n}"} for n in range(8))]
    file = staged_file(rows)
    assert file.num_row_groups == 4
    blocks = sorted(digests(rows))
    for number in range(len(blocks) + 1):
        for chosen in map(set, combinations(blocks, number)):
            wanted = [row for row in rows if (row["indicator"], row["time_period"]) in chosen]
            assert rows_of(file, chosen) == in_order(wanted)
    assert rows_of(file, {("CO2_PC", "2018"), ("NOBODY", "2019")}) == []
    (first, *_) = rows_of_blocks(file, {ENERGY_2019}, STAGED_COLUMNS)
    assert first.schema.names == STAGED_COLUMNS


@QUICK
@given(observations=OBSERVATIONS)
@pytest.mark.usefixtures("few_at_a_time")
def test_blocks_cover_all_observations(
    observations: dict[tuple[str, str, str], tuple[float, str, str, str]],
) -> None:
    rows = as_rows(observations)
    file = staged_file(rows)
    content = contents(file)
    blocks = [(row["indicator"], row["time_period"]) for row in content.blocks.to_pylist()]
    parts = [rows_of(file, {block}) for block in blocks]
    assert [len(part) for part in parts] == content.blocks["observations"].to_pylist()
    assert [row for part in parts for row in part] == in_order(rows) == rows_of(file, set(blocks))
    assert content.places == {ref_area for _, _, ref_area in observations}


@QUICK
@given(observations=OBSERVATIONS, seed=st.integers(0, 2**32).map(Random))  # noqa: S311
def test_digests_are_equal_only_if_the_observations_are(
    observations: dict[tuple[str, str, str], tuple[float, str, str, str]], seed: Random
) -> None:
    rows = as_rows(observations)
    changed = [
        {**row, column: seed.choice([seed.choice(rows)[column], row[column]])}
        for row in rows
        for column in [seed.choice(["obs_value", "unit_measure", "obs_status", "geo_basis"])]
    ]

    def of(block: Block, these: list[Row]) -> list[list[str]]:
        # As text, since 0.0 and -0.0 differ here but are equal in the database.
        return [
            [repr(row[column]) for column in staged.CONTENT_COLUMNS]
            for row in in_order(these)
            if (row["indicator"], row["time_period"]) == block
        ]

    before, after = digests(rows), digests(changed)
    for block in before:
        assert (before[block] == after[block]) == (of(block, rows) == of(block, changed))
