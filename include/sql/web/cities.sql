-- Grain: city. A page of the cities of the catalogue, by country and name in a language, of some
-- countries and with all words in their name or their country's; with their inhabitants and
-- their latest rank in a rating. `found` counts the cities.
with named as (
    select
        city.ref_area,
        city.country,
        own.name,
        of_country.name as country_name
    from catalog.city as city
    inner join core.names_of_cities(:language) as own on city.ref_area = own.ref_area
    inner join core.names_of_cities(:language) as of_country on city.country = of_country.ref_area
    where
        city.country = any(:countries)
        and not exists (
            select from unnest(cast(:words as text[])) as word (searched)
            where strpos(lower(concat_ws(' ', own.name, of_country.name)), lower(word.searched)) = 0
        )
),

page as (
    select
        named.*,
        count(*) over () as found
    from named
    order by named.country_name asc, named.name asc
    limit :most offset :before
)

select
    page.ref_area,
    page.country,
    page.found,
    people.obs_value as people,
    people.time_period as people_in,
    latest.time_period,
    latest.rank,
    latest.n_ranked
from page
left join report.city_profile as people
    on page.ref_area = people.ref_area and people.indicator = 'POP_AGGLO'
left join lateral (
    select
        rating.time_period,
        rating.rank,
        rating.n_ranked
    from core.years_of_rating(:rating) as year
    inner join report.rating as rating
        on
            rating.rating = :rating
            and year.time_period = rating.time_period
            and page.ref_area = rating.ref_area
    where rating.rank is not null
    order by year.time_period desc
    limit 1
) as latest on true
order by page.country_name asc, page.name asc;
