-- The latest year in which a rating ranks somebody; null if it never does.
create function core.latest_ranked_year(of_rating text) returns text
language sql stable parallel safe as $$
    select max(year.time_period) from core.years_of_rating(of_rating) as year where year.n_ranked > 0
$$;
