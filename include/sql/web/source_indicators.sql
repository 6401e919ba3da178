-- Grain: indicator. What a source gives for each indicator, or should give, and whether it is fresh.
with seen as (
    select
        indicator,
        array_agg(distinct geo_basis) as geo_bases,
        sum(places) as observations,
        min(time_period) as first_period,
        max(time_period) as last_period
    from report.data_coverage
    where source = :source
    group by indicator
),

state as (select * from report.freshness where source = :source)

select
    indicator,
    coalesce(seen.geo_bases, '{}') as geo_bases,
    coalesce(seen.observations, 0) as observations,
    seen.first_period,
    seen.last_period,
    state.most_places,
    state.expected_period,
    state.freshness,
    state.freshness_reason
from seen
full join state using (indicator)
order by indicator asc;
