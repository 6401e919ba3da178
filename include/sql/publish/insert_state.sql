-- Inserts observations that are new in a block that exists already.
insert into core.observation_state (
    block_id, ref_area, version, obs_value, unit_measure, obs_status, geo_basis, load_id, fetch_id
)
select
    block_id,
    ref_area,
    version,
    obs_value,
    unit_measure,
    obs_status,
    geo_basis,
    :load_id as load_id,
    last_fetch_id
from classified
where outcome = 'added' and place is null;
