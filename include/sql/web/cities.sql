-- Grain: city. All cities of the catalogue with the groups of their countries today, their inhabitants, and
-- their latest rank in a rating.
with latest as (
    select distinct on (ref_area)
        ref_area,
        time_period,
        rank,
        n_ranked
    from report.rating
    where rating = :rating and rank is not null
    order by ref_area asc, time_period desc
)

select
    city.ref_area,
    city.country,
    people.obs_value as people,
    people.time_period as people_in,
    latest.time_period,
    latest.rank,
    latest.n_ranked,
    array(
        select member.city_group
        from catalog.city_group_member as member
        where
            member.country = city.country
            and current_date >= member.valid_from
            and (member.valid_to is null or current_date <= member.valid_to)
        order by member.city_group
    ) as city_groups
from catalog.city as city
left join report.city_profile as people
    on city.ref_area = people.ref_area and people.indicator = 'POP_AGGLO'
left join latest on city.ref_area = latest.ref_area
order by city.country, city.ref_area;
