-- Grain: rating × year. Scores and ranks of a city, the latest year first.
select
    rating.rating,
    rating.time_period,
    rating.score,
    rating.rank,
    rating.n_ranked,
    rating.rank_p05,
    rating.rank_p95,
    rating.coverage,
    rating.city_level_share,
    rating.city_level_weight,
    rating.method_status,
    rating.reason_code
from report.rating as rating
where rating.ref_area = :ref_area and rating.rating = any(:ratings)
order by rating.rating asc, rating.time_period desc;
