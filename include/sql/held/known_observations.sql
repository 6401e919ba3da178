-- The current observations of some indicators from all sources, to compare a load with: one row for each
-- block and unit. Sent one by one, they would take the server and the reader twice as long.
select
    block.indicator,
    block.time_period,
    block.source,
    of_block.unit_measure,
    of_block.places,
    of_block.obs_values
from core.observation_block as block
cross join
    lateral (
        select
            state.unit_measure,
            array_agg(state.ref_area) as places,
            array_agg(state.obs_value) as obs_values
        from core.observation_state as state
        where state.block_id = block.block_id and state.obs_value is not null
        group by state.unit_measure
    ) as of_block
where
    block.indicator = any(:indicators)
    and block.time_period >= :first_period
    and block.time_period < :end_period
order by block.indicator, block.time_period, block.source, of_block.unit_measure;
