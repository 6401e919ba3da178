-- Grain: source × reason. How many of its indicators are overdue.
select
    source,
    freshness_reason as reason,
    count(*) as value
from report.freshness
where freshness <> 'fresh'
group by source, freshness_reason
order by source, freshness_reason;
