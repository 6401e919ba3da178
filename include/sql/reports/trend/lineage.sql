-- The observations of the series.
select observation.*
from report.trend as series
cross join report.trend_observations(series, series.first_year, series.last_year) as observation
where (series.indicator, series.ref_area, series.time_window)
    = (:key ->> 'indicator', :key ->> 'ref_area', :key ->> 'time_window');
