-- Grain: place × indicator × period × source. The latest version of each observation, without a value if it
-- was withdrawn, and when its block last changed.
create view core.observation_latest as
select
    state.ref_area, block.indicator, block.time_period, block.source, state.version,
    state.obs_value, state.unit_measure, state.obs_status, state.geo_basis, state.load_id,
    load.published_at as block_known_from
from core.observation_block as block
inner join ops.load as load on block.load_id = load.load_id
inner join core.observation_state as state on block.block_id = state.block_id;
grant select on core.observation_latest to researcher;
