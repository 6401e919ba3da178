-- Grain: city × place (the city or its country) × year × source. All values of an indicator for some cities.
select
    city.ref_area as city,
    observation.ref_area,
    observation.time_period,
    observation.obs_value,
    observation.unit_measure,
    observation.obs_status,
    observation.geo_basis,
    basis.city_level,
    basis.preference,
    observation.source,
    source.precedence
from catalog.city as city
inner join core.observation_latest as observation
    on observation.ref_area in (city.ref_area, city.country)
inner join catalog.geo_basis as basis on observation.geo_basis = basis.geo_basis
inner join catalog.source as source on observation.source = source.source
where
    observation.indicator = :indicator
    and observation.obs_value is not null
    and city.ref_area = any(:cities)
order by city.ref_area, basis.preference, source.precedence, observation.source, observation.time_period;
