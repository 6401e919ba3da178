-- The years of a rating, the latest one first, with the number of cities that have a rank. Steps from year to
-- year in the key, past all cities.
create function core.years_of_rating(of_rating text) returns table (time_period text, n_ranked integer)
language sql stable parallel safe as $$
    with recursive year as (
        (
            select latest.time_period, latest.n_ranked
            from report.rating as latest
            where latest.rating = of_rating
            order by latest.time_period desc
            limit 1
        )
        union all
        select earlier.time_period, earlier.n_ranked
        from year
        cross join lateral (
            select before.time_period, before.n_ranked
            from report.rating as before
            where before.rating = of_rating and before.time_period < year.time_period
            order by before.time_period desc
            limit 1
        ) as earlier
    )

    select year.time_period, year.n_ranked from year
$$;
