"""Invariants of a warehouse that hold after every publication."""

from collections.abc import Callable
from io import BytesIO

import pyarrow as pa
import pyarrow.parquet as pq

from city_indicators.warehouse import staged

Query = Callable[[str], list[tuple[object, ...]]]
Block = tuple[str, str, str]

BLOCKS_WITH_WRONG_COUNT = """
select block.source, block.indicator, block.time_period, block.observations, count(state.obs_value)
from core.observation_block as block
full join core.observation_latest as state using (source, indicator, time_period)
group by 1, 2, 3, 4
having block.observations is distinct from count(state.obs_value)
"""
STATE_UNLIKE_LATEST_VERSION = """
with latest as (
    select distinct on (source, indicator, time_period, ref_area) version.*, version.known_from as at
    from core.observation_version as version
    order by source, indicator, time_period, ref_area, version desc
)
select *
from latest
full join core.observation_latest as state using (source, indicator, time_period, ref_area)
where
    (latest.version, latest.obs_value, latest.unit_measure, latest.obs_status, latest.geo_basis)
    is distinct from
    (state.version, state.obs_value, state.unit_measure, state.obs_status, state.geo_basis)
    or latest.load_id is distinct from state.load_id
    or latest.known_from > state.block_known_from
"""
BROKEN_HISTORIES = """
select source, indicator, time_period, ref_area
from core.observation_version
group by 1, 2, 3, 4
having
    (min(version), max(version)) <> (1, count(*))
    or array_agg(known_from order by version) <> array_agg(known_from order by known_from)
"""
LIVE = """
select source, ref_area, indicator, time_period, obs_value, unit_measure, obs_status, geo_basis
from core.observation_latest where obs_value is not null
"""
DIGESTS = "select source, indicator, time_period, digest from core.observation_block where digest is not null"
LOADS_WITH_WRONG_COUNTS = """
select load.load_id, load.state, load.accepted_rows, load.added, load.revised, load.withdrawn, load.outdated
from ops.load as load
left join core.observation_version as version on load.load_id = version.load_id
group by load.load_id
having
    count(version.load_id) <> coalesce(load.added + load.revised + load.withdrawn, 0)
    or count(version.load_id) filter (where version.withdrawn) <> coalesce(load.withdrawn, 0)
    or load.accepted_rows <> load.added + load.revised + load.unchanged + load.outdated
"""


def check_stored_blocks(rows: Query) -> None:
    """Check that blocks, state and ledger match the versions, and that digests match the observations."""
    assert rows(BLOCKS_WITH_WRONG_COUNT) == []
    assert rows(STATE_UNLIKE_LATEST_VERSION) == []
    assert rows(BROKEN_HISTORIES) == []
    assert rows(LOADS_WITH_WRONG_COUNTS) == []
    live = digests(rows(LIVE))
    for *block, digest in rows(DIGESTS):
        assert live[tuple(map(str, block))] == digest


def digests(observations: list[tuple[object, ...]]) -> dict[Block, str]:
    """The digest of each block as a load of exactly these observations would have it."""
    found: dict[Block, str] = {}
    columns = ["ref_area", "indicator", "time_period", "obs_value", "unit_measure", "obs_status", "geo_basis"]
    for source in {str(row[0]) for row in observations}:
        rows = [dict(zip(columns, row[1:], strict=True)) for row in observations if row[0] == source]
        stream = BytesIO()
        staged.write(pa.Table.from_pylist(rows, staged.STAGED_SCHEMA), stream)
        blocks = staged.contents(pq.ParquetFile(stream)).blocks.to_pylist()
        found |= {(source, row["indicator"], row["time_period"]): row["digest"] for row in blocks}
    return found
