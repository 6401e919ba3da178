-- Grain: rating × year. Years of each rating with at least one ranked city.
select distinct
    rating,
    time_period
from report.rating
where status = 'ranked'
order by rating asc, time_period desc;
