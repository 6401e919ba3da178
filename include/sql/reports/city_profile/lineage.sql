-- The observation that the profile shows.
select * from report.profile_observations(array[:key ->> 'ref_area'], array[:key ->> 'indicator']);
