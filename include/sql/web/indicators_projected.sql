-- Grain: indicator. The indicators that sources only project, with the number of places and the last year.
-- The unit is that of most values.
with profiled as materialized (
    select distinct profile.indicator
    from report.city_profile as profile
)

select
    indicator.pillar,
    indicator.indicator,
    mode() within group (order by state.unit_measure) as unit_measure,
    count(distinct state.ref_area) as places,
    max(block.time_period) as latest
from catalog.indicator as indicator
inner join core.observation_block as block on indicator.indicator = block.indicator
inner join core.observation_state as state on block.block_id = state.block_id
where
    state.obs_status = 'F'
    and state.obs_value is not null
    and indicator.indicator not in (select profiled.indicator from profiled)
group by indicator.pillar, indicator.indicator
order by indicator.pillar, indicator.indicator;
