-- The observations in the series of all places whose trends were counted.
select observation.*
from report.megatrend as megatrend
inner join report.trend as series
    on megatrend.time_window = series.time_window
        and series.indicator = any(megatrend.indicators)
        and series.ref_area = any(megatrend.places_with_trends)
cross join report.trend_observations(series, series.first_year, series.last_year) as observation
where (megatrend.megatrend, megatrend.city_group, megatrend.level, megatrend.time_window)
    = (:key ->> 'megatrend', :key ->> 'city_group', :key ->> 'level', :key ->> 'time_window');
