-- The observations of the year, of the places counted; a series is the same in all windows.
select distinct said.*
from report.city_system as system
inner join report.trend as series
    on system.indicator = series.indicator and series.ref_area = any(system.counted_places)
cross join
    lateral core.series_observations(
        series.indicator, series.ref_area, series.source, series.geo_basis, series.unit_measure,
        system.time_period::integer, system.time_period::integer
    ) as said
where
    system.indicator = :key ->> 'indicator'
    and system.city_group = :key ->> 'city_group'
    and system.level = :key ->> 'level'
    and system.time_period = :key ->> 'time_period';
