-- Grain: unit × country × whether at city level. How many cities have a latest value of an indicator, with
-- the groups of their country today.
with counted as (
    select
        profile.unit_measure,
        profile.country,
        basis.city_level,
        count(*) as cities
    from report.city_profile as profile
    inner join catalog.geo_basis as basis using (geo_basis)
    where profile.indicator = :indicator
    group by profile.unit_measure, profile.country, basis.city_level
)

select
    counted.*,
    array(
        select member.city_group
        from catalog.city_group_member as member
        where
            member.country = counted.country
            and member.valid_from <= current_date
            and (member.valid_to is null or member.valid_to >= current_date)
        order by member.city_group
    ) as city_groups
from counted
order by counted.unit_measure, counted.country, counted.city_level;
