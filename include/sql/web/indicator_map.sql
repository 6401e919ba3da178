-- Grain: city. The cities' own latest values of an indicator in a unit and some countries with their places
-- on the map, the largest cities first; `cities` counts all of them.
with own as (
    select
        profile.ref_area,
        profile.obs_value
    from report.city_profile as profile
    inner join catalog.geo_basis as basis on profile.geo_basis = basis.geo_basis
    where
        profile.indicator = :indicator
        and profile.unit_measure = :unit
        and profile.country = any(:countries)
        and basis.city_level
)

select
    own.ref_area,
    own.obs_value,
    city.latitude,
    city.longitude,
    people.obs_value as people,
    count(*) over () as cities
from own
inner join catalog.city as city on own.ref_area = city.ref_area
left join report.city_profile as people
    on own.ref_area = people.ref_area and people.indicator = 'POP_AGGLO'
order by
    coalesce(people.obs_value, 0) desc,
    case when :lowest_first then own.obs_value end asc,
    case when :lowest_first then own.ref_area end desc,
    own.obs_value desc,
    own.ref_area asc
limit :most;
