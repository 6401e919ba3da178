-- Grain: country. The countries that have cities in the catalogue, with their groups today.
select
    country.ref_area as country,
    array(
        select member.city_group
        from catalog.city_group_member as member
        where
            member.country = country.ref_area
            and current_date >= member.valid_from
            and (member.valid_to is null or current_date <= member.valid_to)
        order by member.city_group
    ) as city_groups
from catalog.country as country
where country.ref_area in (select city.country from catalog.city as city)
order by country.ref_area;
