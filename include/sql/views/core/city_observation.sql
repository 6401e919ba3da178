-- Grain: city × indicator. The observation in a city's profile, its rank among the cities with a value in the
-- same unit, and the trend of its own series (one source, basis and unit).
create view core.city_observation as
select
    profile.ref_area, profile.indicator, profile.time_period, profile.obs_value, profile.unit_measure,
    profile.geo_basis, profile.source, basis.city_level, longest.trend, longest.slope,
    case
        when longest.indicator is not null then longest.trend_reason
        when (profile.source_ref_area, profile.indicator)
            in (select trend.ref_area, trend.indicator from report.trend as trend) then 'other_series'
        else 'no_observed_value'
    end as trend_reason,
    case indicator.direction
        when 'higher' then rank() over downwards
        when 'lower' then rank() over upwards
    end as rank,
    case when indicator.direction <> 'context' then count(*) over all_cities end as n_ranked,
    case indicator.direction
        when 'higher' then max(profile.obs_value) over all_cities
        when 'lower' then min(profile.obs_value) over all_cities
    end as best_value
from report.city_profile as profile
inner join catalog.indicator as indicator on profile.indicator = indicator.indicator
inner join catalog.geo_basis as basis on profile.geo_basis = basis.geo_basis
left join core.longest_trend as longest
    on (profile.source_ref_area, profile.indicator, profile.source, profile.geo_basis, profile.unit_measure)
        = (longest.ref_area, longest.indicator, longest.source, longest.geo_basis, longest.unit_measure)
window
    all_cities as (partition by profile.indicator, profile.unit_measure),
    downwards as (partition by profile.indicator, profile.unit_measure order by profile.obs_value desc),
    upwards as (partition by profile.indicator, profile.unit_measure order by profile.obs_value asc);
