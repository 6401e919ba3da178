-- The observations of the places compared, from the first to the last year.
select said.*
from report.convergence as compared
inner join report.trend as series
    on
        compared.indicator = series.indicator
        and compared.time_window = series.time_window
        and series.ref_area = any(compared.compared_places)
cross join
    lateral core.series_observations(
        series.indicator, series.ref_area, series.source, series.geo_basis, series.unit_measure,
        compared.first_year, compared.last_year
    ) as said
where
    compared.indicator = :key ->> 'indicator'
    and compared.city_group = :key ->> 'city_group'
    and compared.level = :key ->> 'level'
    and compared.time_window = :key ->> 'time_window';
