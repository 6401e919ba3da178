-- Grain: city. The cities with the widest intervals of ranks in a year of a rating, with the mean of all.
select
    ref_area,
    rank,
    rank_p05,
    rank_p95,
    rank_p95 - rank_p05 as places,
    avg(rank_p95 - rank_p05) over () as mean_places
from report.rating
where rating = :rating and time_period = :period and rank_p05 is not null
order by places desc, rank asc nulls last, city_name_en asc
limit :most;
