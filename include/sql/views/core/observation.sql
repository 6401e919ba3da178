create view core.observation as
select
    state.ref_area,
    block.indicator,
    version.freq,
    block.time_period,
    state.obs_value,
    state.unit_measure,
    state.obs_status,
    state.geo_basis,
    block.source,
    state.version,
    state.load_id,
    version.fetch_id,
    version.known_from
from core.observation_state as state
inner join core.observation_block as block on state.block_id = block.block_id
left join core.observation_version as version
    on
        block.indicator = version.indicator
        and block.time_period = version.time_period
        and block.source = version.source
        and state.ref_area = version.ref_area
        and state.version = version.version
where state.obs_value is not null;

grant select on core.observation to researcher;
