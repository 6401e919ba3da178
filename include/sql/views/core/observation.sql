-- Grain: place × indicator × period × source. The current observations, without those withdrawn.
create view core.observation as
select
    state.ref_area, block.indicator, version.freq, block.time_period,
    state.obs_value, state.unit_measure, state.obs_status, state.geo_basis,
    block.source, state.version, state.load_id, version.fetch_id, version.known_from
from core.observation_state as state
inner join core.observation_block as block using (block_id)
left join core.observation_version as version using (indicator, time_period, source, ref_area, version)
where state.obs_value is not null;
grant select on core.observation to researcher;
