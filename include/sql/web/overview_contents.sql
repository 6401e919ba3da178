-- Grain: the warehouse. How much it holds, and when the reports were last made. The last year is that of an
-- observed value, because projections reach decades ahead.
select
    coalesce(sum(block.observations), 0)::bigint as observations,
    count(distinct block.indicator) as indicators,
    count(distinct block.source) as sources,
    min(block.time_period) as first_year,
    max(block.time_period) filter (
        where exists (
            select from core.observation_state as state
            where state.block_id = block.block_id and state.obs_value is not null and state.obs_status <> 'F'
        )
    ) as last_year,
    (select count(*) from catalog.city) as cities,
    (select count(*) from catalog.country) as countries,
    (select max(refresh.refreshed_at) from ops.report_refresh as refresh) as refreshed_at
from core.observation_block as block
where block.observations > 0;
