-- Grain: city. The cities of a year of a rating, at most so many.
select ref_area
from report.rating
where rating = :rating and time_period = :period
order by ref_area
limit :most;
