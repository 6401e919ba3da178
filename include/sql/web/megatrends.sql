-- Grain: megatrend × group × level × window. The verdicts on all megatrends, or on one of them.
select
    megatrend,
    city_group,
    level,
    time_window,
    draft,
    places_of_group,
    places_assessed,
    places_for,
    places_against,
    places_assessed - places_for - places_against as places_none,
    coverage,
    strength,
    verdict,
    verdict_reason,
    leading_places,
    lagging_places,
    cases,
    cardinality(places_with_trends) > 0 as has_lineage
from report.megatrend
where cast(:megatrend as text) is null or megatrend = :megatrend
order by megatrend asc, city_group asc, level asc, time_window asc;
