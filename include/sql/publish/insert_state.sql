-- What was added to a block that is known already, and was never known before.
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
    heard_by
from classified
where outcome = 'added' and place is null;
