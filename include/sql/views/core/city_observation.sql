-- Grain: city × indicator. The observation in a city's profile, its rank among the cities with a value in the
-- same unit, and the trend of its own series (one source, basis and unit).
create view core.city_observation as
select
    profile.ref_area, profile.indicator, profile.time_period, profile.obs_value, profile.unit_measure,
    profile.geo_basis, profile.source, basis.city_level, longest.trend, longest.slope,
    case
        when longest.indicator is not null then longest.trend_reason
        when
            exists (
                select from report.trend as other
                where other.indicator = profile.indicator and other.ref_area = profile.source_ref_area
            )
            then 'other_series'
        else 'no_observed_value'
    end as trend_reason,
    profile.rank, profile.n_ranked, profile.best_value
from report.city_profile as profile
inner join catalog.geo_basis as basis on profile.geo_basis = basis.geo_basis
left join lateral core.longest_trend(profile) as longest on true;
