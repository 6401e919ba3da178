-- Grain: the warehouse. How much it holds, and when the reports were last made.
select
    coalesce(sum(block.observations), 0)::bigint as observations,
    count(distinct block.indicator) as indicators,
    count(distinct block.source) as sources,
    min(block.time_period) as first_year,
    max(block.time_period) as last_year,
    (select count(*) from catalog.city) as cities,
    (select count(*) from catalog.country) as countries,
    (select max(refresh.refreshed_at) from ops.report_refresh as refresh) as refreshed_at
from core.observation_block as block
where block.observations > 0;
