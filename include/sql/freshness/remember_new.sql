-- Grain: source × indicator × reason. Records alerts of what is overdue and returns those that are new.
with inserted as (
    insert into ops.freshness_alert (source, indicator, reason, alerted_at)
    select
        source,
        indicator,
        freshness_reason as reason,
        :alerted_at
    from report.freshness
    where freshness <> 'fresh'
    on conflict (source, indicator, reason) do nothing
    returning source, indicator, reason
)

select
    overdue.source,
    overdue.source_name,
    overdue.indicator,
    overdue.freshness_reason as reason,
    overdue.expected_period,
    overdue.newest_period,
    overdue.last_requested_at,
    overdue.last_changed_at,
    overdue.last_loaded_at
from inserted
inner join report.freshness as overdue
    on inserted.source = overdue.source and inserted.indicator = overdue.indicator
order by overdue.source asc, overdue.freshness_reason asc, overdue.indicator asc;
