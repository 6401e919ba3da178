-- Grain: source × reason. Which sources of one year of one rating are overdue, and for which indicators.
select
    source,
    source_name,
    freshness,
    freshness_reason,
    array_agg(indicator_name_en order by indicator) as indicators_en,
    array_agg(indicator_name_ru order by indicator) as indicators_ru,
    array_agg(indicator_name_zh order by indicator) as indicators_zh
from report.rating_source
where rating = :rating and time_period = :period and freshness <> 'fresh'
group by source, source_name, freshness, freshness_reason
order by source_name asc, freshness_reason asc;
