-- Grain: source × reason. The overdue sources of a rating in a year, with their indicators.
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
