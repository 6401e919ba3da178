-- The observations of the series of all places whose trends were counted.
select said.*
from report.megatrend as megatrend
inner join report.trend as series
    on
        megatrend.time_window = series.time_window
        and series.indicator = any(megatrend.indicators)
        and series.ref_area = any(megatrend.places_with_trends)
cross join
    lateral core.series_observations(
        series.indicator, series.ref_area, series.source, series.geo_basis, series.unit_measure,
        series.first_year, series.last_year
    ) as said
where
    megatrend.megatrend = :key ->> 'megatrend'
    and megatrend.city_group = :key ->> 'city_group'
    and megatrend.level = :key ->> 'level'
    and megatrend.time_window = :key ->> 'time_window';
