-- Grain: rating × city. The latest year with ranks of each rating, for some cities.
with latest as (
    select
        method.rating,
        core.latest_ranked_year(method.rating) as time_period
    from unnest(cast(:ratings as text[])) as method (rating)
)

select
    rating.rating,
    rating.time_period,
    rating.ref_area,
    rating.score,
    rating.rank,
    rating.n_ranked,
    rating.reason_code
from report.rating as rating
inner join latest on rating.rating = latest.rating and rating.time_period = latest.time_period
where rating.ref_area = any(:cities)
order by rating.rating, rating.ref_area;
