-- Grain: observation. What is stored of the source of a load within its indicators and years: what the load
-- would be compared with if it was published now. heard_at: when the source last gave it. rejected: the load
-- gives it in a row that a rule rejected, which does not withdraw it.
select
    state.ref_area,
    block.indicator,
    block.time_period,
    state.version,
    state.obs_value,
    state.unit_measure,
    state.obs_status,
    state.geo_basis,
    event.heard_at,
    exists(
        select from quality.rejected_row as rejected
        where
            rejected.load_id = load.load_id
            and rejected.rule <> 'dropped_by_correction'
            and rejected.ref_area = state.ref_area
            and rejected.indicator = block.indicator
            and rejected.time_period = block.time_period
    ) as rejected
from ops.load as load
inner join core.observation_block as block
    on
        load.source = block.source
        and block.indicator = any(load.indicators)
        and make_date(block.time_period::integer, 1, 1) >= load.interval_start
        and make_date(block.time_period::integer, 1, 1) < load.interval_end
inner join core.observation_state as state on block.block_id = state.block_id
inner join archive.fetch_event as event on state.fetch_id = event.fetch_id
where load.load_id = :load_id;
