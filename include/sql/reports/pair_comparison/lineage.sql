-- The observations in both profiles, and the series of the trends beside them, of the window with most years.
select *
from
    report.profile_observations(
        array[:key ->> 'ref_area', :key ->> 'other_ref_area'], array[:key ->> 'indicator']
    )
union
select said.*
from (
    select distinct on (made.ref_area) made.*
    from report.city_profile as profile
    inner join report.trend as made
        on
            profile.source_ref_area = made.ref_area
            and profile.indicator = made.indicator
            and profile.source = made.source
            and profile.geo_basis = made.geo_basis
            and profile.unit_measure = made.unit_measure
    where
        profile.ref_area in (:key ->> 'ref_area', :key ->> 'other_ref_area')
        and profile.indicator = :key ->> 'indicator'
    order by made.ref_area asc, made.n desc, made.time_window asc
) as series
cross join lateral core.series_observations(
    series.indicator, series.ref_area, series.source, series.geo_basis, series.unit_measure,
    series.first_year, series.last_year
) as said;
