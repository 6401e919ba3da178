-- Grain: indicator. What the values of the cities rest on in a year of a rating.
select *
from report.indicator_coverage
where rating = :rating and time_period = :period
order by indicator;
