-- Grain: city. The latest value of an indicator for each city, the largest first, with the city's place on
-- the map, its inhabitants and its groups of today.
select
    profile.ref_area,
    profile.country,
    profile.time_period,
    profile.obs_value,
    profile.unit_measure,
    profile.obs_status,
    profile.geo_basis,
    basis.city_level,
    profile.source,
    profile.source_ref_area,
    profile.publisher,
    profile.licence,
    profile.correction,
    city.latitude,
    city.longitude,
    people.obs_value as people,
    array(
        select member.city_group
        from catalog.city_group_member as member
        where
            member.country = profile.country
            and member.valid_from <= current_date
            and (member.valid_to is null or member.valid_to >= current_date)
        order by member.city_group
    ) as city_groups
from report.city_profile as profile
inner join catalog.geo_basis as basis on profile.geo_basis = basis.geo_basis
left join catalog.city as city on profile.ref_area = city.ref_area
left join report.city_profile as people
    on profile.ref_area = people.ref_area and people.indicator = 'POP_AGGLO'
where profile.indicator = :indicator
order by profile.obs_value desc, profile.ref_area asc;
