-- Grain: year of a rating. How many cities of a group (all if it is empty) have a rank, their largest score,
-- and whether their ranks have intervals; the largest score and the groups of all cities.
with rated as (
    select
        rating.score,
        rating.rank,
        rating.rank_p05,
        rating.city_groups,
        :group = '' or :group = any(rating.city_groups) as of_group
    from report.rating as rating
    where rating.rating = :rating and rating.time_period = :period
)

select
    count(*) as cities,
    count(rank) filter (where of_group) as ranked,
    max(abs(score)) filter (where of_group and rank is not null) as largest_score,
    max(abs(score)) as largest_of_all,
    coalesce(bool_or(rank_p05 is not null) filter (where of_group and rank is not null), false) as intervals,
    array(
        select distinct member.city_group
        from (select distinct city_groups from rated) as listed
        cross join unnest(listed.city_groups) as member (city_group)
        order by member.city_group
    ) as city_groups
from rated;
