-- Grain: source × indicator that is late and was not told of; remembered as told.
with remembered as (
    insert into ops.lateness (source, indicator, reason, told_at)
    select
        source,
        indicator,
        freshness_reason as reason,
        :told_at
    from report.freshness
    where freshness <> 'fresh'
    on conflict (source, indicator, reason) do nothing
    returning source, indicator, reason
)

select
    late.source,
    late.source_name,
    late.indicator,
    late.freshness_reason as reason,
    late.expected_period,
    late.newest_period,
    late.last_asked_at,
    late.last_changed_at,
    late.last_loaded_at
from remembered
inner join report.freshness as late
    on remembered.source = late.source and remembered.indicator = late.indicator
order by late.source asc, late.freshness_reason asc, late.indicator asc;
