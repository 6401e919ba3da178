-- Grain: city. One year of a rating, ranked cities first.
select
    rating.ref_area,
    rating.city_name_en,
    rating.city_name_ru,
    rating.city_name_zh,
    country.name_en as country_name_en,
    country.name_ru as country_name_ru,
    country.name_zh as country_name_zh,
    rating.city_groups,
    rating.score,
    rating.rank,
    rating.n_ranked,
    rating.rank_p05,
    rating.rank_p95,
    rating.coverage,
    rating.city_level_share,
    rating.city_level_weight,
    rating.status,
    rating.reason_code,
    rating.method_version
from report.rating as rating
inner join catalog.ref_area as country on rating.country = country.ref_area
where rating.rating = :rating and rating.time_period = :period
order by rating.rank asc nulls last, rating.city_name_en asc;
