-- The observations of all cities, because the statistic is of the entire rating.
select * from report.rating_observations(:key ->> 'rating', :key ->> 'time_period', null, null);
