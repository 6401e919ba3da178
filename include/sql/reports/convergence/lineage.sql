-- The observations of the places compared, from the first to the last year.
select observation.*
from report.convergence as compared
inner join report.trend as series
    on compared.indicator = series.indicator and compared.time_window = series.time_window
        and series.ref_area = any(compared.compared_places)
cross join report.trend_observations(series, compared.first_year, compared.last_year) as observation
where (compared.indicator, compared.city_group, compared.level, compared.time_window)
    = (:key ->> 'indicator', :key ->> 'city_group', :key ->> 'level', :key ->> 'time_window');
