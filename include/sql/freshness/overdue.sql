-- Grain: source × reason. Sources that are overdue now, with their indicators.
select
    source,
    source_name,
    freshness,
    freshness_reason,
    max(last_requested_at) as last_requested_at,
    jsonb_agg(
        jsonb_build_object('indicator', indicator, 'expected', expected_period, 'newest', newest_period)
        order by indicator
    ) as indicators
from report.freshness
where freshness <> 'fresh'
group by source, source_name, freshness, freshness_reason
order by freshness asc, source_name asc;
