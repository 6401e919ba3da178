-- The observations in both profiles, and the series of their trends.
select *
from report.profile_observations(
        array[:key ->> 'ref_area', :key ->> 'other_ref_area'], array[:key ->> 'indicator']
    )
union
select observation.*
from report.city_profile as profile
inner join core.longest_trend as longest
    on (profile.source_ref_area, profile.indicator, profile.source, profile.geo_basis, profile.unit_measure)
        = (longest.ref_area, longest.indicator, longest.source, longest.geo_basis, longest.unit_measure)
inner join report.trend as series
    on (longest.indicator, longest.ref_area, longest.time_window)
        = (series.indicator, series.ref_area, series.time_window)
cross join report.trend_observations(series, series.first_year, series.last_year) as observation
where profile.ref_area in (:key ->> 'ref_area', :key ->> 'other_ref_area')
    and profile.indicator = :key ->> 'indicator';
