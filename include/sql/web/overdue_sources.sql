-- Grain: source × reason. Which sources of one year of one rating are overdue, and for which indicators.
select
    source,
    source_name,
    freshness,
    freshness_reason,
    array_agg(indicator order by indicator) as indicators
from report.rating_source
where rating = :rating and time_period = :period and freshness <> 'fresh'
group by source, source_name, freshness, freshness_reason
order by source_name asc, freshness_reason asc;
