-- The latest year in which a rating ranks somebody; null if it never does.
select max(time_period) as time_period
from report.rating
where rating = :rating and rank is not null;
