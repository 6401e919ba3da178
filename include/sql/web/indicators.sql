-- Grain: indicator. The indicators with a latest value for a city, by pillar, and how many cities have one.
-- The unit is that of most values.
with counted as (
    select
        profile.indicator,
        profile.unit_measure,
        count(*) as cities,
        count(*) filter (where basis.city_level) as cities_of_their_own,
        max(profile.time_period) as latest
    from report.city_profile as profile
    inner join catalog.geo_basis as basis on profile.geo_basis = basis.geo_basis
    group by profile.indicator, profile.unit_measure
)

select
    indicator.pillar,
    indicator.indicator,
    (array_agg(counted.unit_measure order by counted.cities desc, counted.unit_measure asc))[1]
        as unit_measure,
    sum(counted.cities)::bigint as cities,
    sum(counted.cities_of_their_own)::bigint as cities_of_their_own,
    max(counted.latest) as latest
from counted
inner join catalog.indicator as indicator on counted.indicator = indicator.indicator
group by indicator.pillar, indicator.indicator
order by indicator.pillar, indicator.indicator;
