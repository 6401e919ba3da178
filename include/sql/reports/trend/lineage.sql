-- The observations of the series.
select said.*
from report.trend as series
cross join
    lateral core.series_observations(
        series.indicator, series.ref_area, series.source, series.geo_basis, series.unit_measure,
        series.first_year, series.last_year
    ) as said
where
    series.indicator = :key ->> 'indicator'
    and series.ref_area = :key ->> 'ref_area'
    and series.time_window = :key ->> 'time_window';
