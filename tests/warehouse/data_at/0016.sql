-- An edition of the rating of 0002.sql, its rows before itself, and what today makes of it.
begin;
insert into report.edition_rating
select
    '2019.1' as edition,
    rating.rating,
    rating.time_period,
    rating.ref_area,
    rating.method_version,
    rating.city_name_en,
    rating.city_name_ru,
    rating.city_name_zh,
    rating.country,
    rating.city_groups,
    rating.score,
    rating.rank,
    rating.n_ranked,
    rating.coverage,
    rating.city_level_share,
    rating.status,
    rating.reason_code
from report.rating as rating;
insert into report.edition_rating_pillar select '2019.1' as edition, pillar.* from report.rating_pillar as pillar;
insert into report.edition_rating_indicator
select '2019.1' as edition, used.* from report.rating_indicator as used;
insert into report.edition values
(
    'r', '2019.1', '2019', 'First', '1', 1, '2021-01-02T00:00:00Z', 7, 0, 'somebody', '2021-01-03T00:00:00Z',
    'R, 2019.1', repeat('0', 64)
);
commit;
insert into report.edition_diff values
(
    'r', '2019.1', '2019', 'alpha', 'Alpha', 'Альфа', '甲', 12.5, 12.5, 0, 0, 0, 0, null, null, null, null, '1',
    '2021-01-04T00:00:00Z'
);
