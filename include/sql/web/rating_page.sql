-- Grain: city. Of the cities of a group (all if it is empty) with all words in their name or their country's
-- in a language: a page of the ranked ones by rank, and the first unranked ones. `place` is the city's in
-- the group, `found` counts the ranked or the unranked cities with the words.
with placed as (
    select
        rating.ref_area,
        rating.country,
        rating.rank,
        row_number() over (order by rating.rank asc nulls last, rating.city_name_en asc) as place
    from report.rating as rating
    where
        rating.rating = :rating
        and rating.time_period = :period
        and (:group = '' or :group = any(rating.city_groups))
),

named as (
    select
        placed.ref_area,
        placed.country,
        placed.place,
        row_number() over (partition by placed.rank is null order by placed.place) as position,
        count(*) over (partition by placed.rank is null) as found
    from placed
    inner join core.names_of_cities(:language) as own on placed.ref_area = own.ref_area
    inner join core.names_of_cities(:language) as of_country on placed.country = of_country.ref_area
    where
        not exists (
            select from unnest(cast(:words as text[])) as word (searched)
            where strpos(lower(concat_ws(' ', own.name, of_country.name)), lower(word.searched)) = 0
        )
)

select
    rating.ref_area,
    rating.city_name_en,
    rating.city_name_ru,
    rating.city_name_zh,
    country.name_en as country_name_en,
    country.name_ru as country_name_ru,
    country.name_zh as country_name_zh,
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
    named.place,
    named.found
from named
inner join report.rating as rating
    on named.ref_area = rating.ref_area and rating.rating = :rating and rating.time_period = :period
inner join catalog.ref_area as country on named.country = country.ref_area
where
    named.position <= :most and rating.rank is null
    or named.position > :before and named.position <= :before + :most and rating.rank is not null
order by named.place;
