-- The latest year in which a rating ranks somebody; null if it never does.
select core.latest_ranked_year(:rating) as time_period;
