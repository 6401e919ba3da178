-- Grain: city. The cities with observed values of an indicator, of their own or of their country, those with
-- most values first, of equal ones the largest.
select city.ref_area
from catalog.city as city
inner join core.observation_latest as observation
    on observation.ref_area in (city.ref_area, city.country)
inner join catalog.geo_basis as basis on observation.geo_basis = basis.geo_basis
left join report.city_profile as people
    on city.ref_area = people.ref_area and people.indicator = 'POP_AGGLO'
where
    observation.indicator = :indicator
    and observation.obs_value is not null
    and observation.obs_status <> 'F'
group by city.ref_area, people.obs_value
order by
    count(*) filter (where basis.city_level) desc,
    count(*) desc,
    people.obs_value desc nulls last,
    city.ref_area asc;
