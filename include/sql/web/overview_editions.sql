-- Grain: rating × city. The latest edition of each rating and what differs from it today, the largest change
-- first.
with latest as (
    select distinct on (rating)
        rating,
        edition,
        title
    from report.edition
    order by rating asc, published_at desc, edition desc
)

select
    latest.rating,
    latest.edition,
    latest.title,
    diff.ref_area,
    diff.city_name_en,
    diff.city_name_ru,
    diff.city_name_zh,
    diff.rank_as_published,
    diff.rank_today,
    diff.score_today - diff.score_as_published as score_change
from latest
left join report.edition_diff as diff
    on latest.rating = diff.rating and latest.edition = diff.edition
order by latest.rating asc, abs(diff.score_today - diff.score_as_published) desc nulls last;
