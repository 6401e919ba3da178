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
    core.groups_of_country(counted.country) as city_groups
from counted
order by counted.unit_measure, counted.country, counted.city_level;
