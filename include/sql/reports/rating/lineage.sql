-- The observations of a city in a year of a rating.
select *
from report.rating_observations(:key ->> 'rating', :key ->> 'time_period', array[:key ->> 'ref_area'], null);
