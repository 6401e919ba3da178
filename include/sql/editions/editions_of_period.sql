-- Counts the editions of a rating for a period.
select count(*) as editions
from report.edition
where rating = :rating and time_period = :time_period;
