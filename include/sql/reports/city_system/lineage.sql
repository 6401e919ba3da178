-- The observations of the year, for the places counted; a series is the same in all windows.
select distinct observation.*
from report.city_system as system
inner join report.trend as series
    on system.indicator = series.indicator and series.ref_area = any(system.counted_places)
cross join
    report.trend_observations(series, system.time_period::integer, system.time_period::integer)
        as observation
where (system.indicator, system.city_group, system.level, system.time_period)
    = (:key ->> 'indicator', :key ->> 'city_group', :key ->> 'level', :key ->> 'time_period');
