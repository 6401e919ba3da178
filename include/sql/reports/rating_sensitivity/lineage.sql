-- A statement on the whole rating rests on the observations of all cities.
select * from report.rating_observations(:key ->> 'rating', :key ->> 'time_period', null, null);
