-- Grain: city. The cities of an edition as in web/rating, ranked cities first.
select
    frozen.ref_area,
    frozen.city_name_en,
    frozen.city_name_ru,
    frozen.city_name_zh,
    frozen.country,
    frozen.city_groups,
    frozen.score,
    frozen.rank,
    frozen.n_ranked,
    frozen.size_class,
    frozen.rank_in_size_class,
    frozen.rank_p05,
    frozen.rank_p95,
    frozen.coverage,
    frozen.city_level_share,
    frozen.city_level_weight,
    frozen.status,
    frozen.reason_code,
    frozen.method_status
from report.edition_rating as frozen
where frozen.rating = :rating and frozen.edition = :edition
order by frozen.rank asc nulls last, frozen.city_name_en asc;
