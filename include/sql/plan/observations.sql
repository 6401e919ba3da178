-- Counts the observations of a source in the warehouse by year.
select
    time_period,
    count(*) as observations
from core.observation
where source = :source and time_period >= :first_period and time_period < :end_period
group by time_period;
