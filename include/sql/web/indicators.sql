-- Grain: indicator. The indicators with a latest value for a city, by pillar, and how many cities have one.
-- The unit is that of most values.
select
    indicator.pillar,
    indicator.indicator,
    mode() within group (order by profile.unit_measure) as unit_measure,
    count(*) as cities,
    count(*) filter (where basis.city_level) as cities_of_their_own,
    max(profile.time_period) as latest
from report.city_profile as profile
inner join catalog.indicator as indicator on profile.indicator = indicator.indicator
inner join catalog.geo_basis as basis on profile.geo_basis = basis.geo_basis
group by indicator.pillar, indicator.indicator
order by indicator.pillar, indicator.indicator;
