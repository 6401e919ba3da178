-- The ten best cities of a rating in the latest period that has ranks.
with ranked as (
    select
        time_period,
        rank,
        n_ranked,
        city_name_en,
        country,
        score,
        coverage,
        city_level_share,
        city_level_weight,
        method_status,
        max(time_period) over () as latest
    from report.rating
    where rating = :rating and rank is not null
)

select
    time_period,
    rank,
    n_ranked,
    city_name_en,
    country,
    score,
    coverage,
    city_level_share,
    city_level_weight,
    method_status
from ranked
where time_period = latest
order by rank, city_name_en
limit 10;
