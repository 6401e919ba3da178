-- How many editions a rating has of a period.
select count(*) as editions
from report.edition
where rating = :rating and time_period = :time_period;
