-- The observations in both profiles, and the series of their trends.
select *
from report.profile_observations(
        array[:key ->> 'ref_area', :key ->> 'other_ref_area'], array[:key ->> 'indicator']
    )
union
select observation.*
from report.city_profile as profile
cross join core.longest_trend(profile) as series
cross join report.trend_observations(series, series.first_year, series.last_year) as observation
where profile.ref_area in (:key ->> 'ref_area', :key ->> 'other_ref_area')
    and profile.indicator = :key ->> 'indicator';
