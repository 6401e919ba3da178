-- Grain: city. Scores and ranks of an edition compared with today's, in the order of its ranks.
select
    diff.ref_area,
    diff.city_name_en,
    diff.city_name_ru,
    diff.city_name_zh,
    diff.time_period,
    diff.score_as_published,
    diff.score_today,
    diff.delta_revised_data,
    diff.delta_new_data,
    diff.delta_method,
    diff.delta_city_set,
    diff.appeared_with,
    diff.disappeared_with,
    diff.rank_as_published,
    diff.rank_today,
    diff.method_version_today,
    diff.compared_at
from report.edition_diff as diff
where diff.rating = :rating and diff.edition = :edition
order by diff.rank_as_published asc nulls last, diff.rank_today asc nulls last, diff.city_name_en asc;
