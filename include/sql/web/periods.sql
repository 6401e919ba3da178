-- Grain: rating × year. The years of a rating that have at least one ranked city.
select distinct
    rating,
    time_period
from report.rating
where status = 'ranked'
order by rating asc, time_period desc;
