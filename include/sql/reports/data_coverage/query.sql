-- Grain: indicator × period × source × basis, at a moment. Counts the places with an observation, and the
-- cities of the catalogue that these observations represent.
select
    observation.indicator,
    observation.time_period,
    observation.source,
    observation.geo_basis,
    count(distinct observation.ref_area) as places,
    count(distinct place.city) as cities,
    cardinality(cast(:cities as text[])) as cities_of_catalogue
from core.observations_as_of(cast(:known_at as timestamptz)) as observation
inner join core.places_of_cities(cast(:cities as text[]), cast(:countries as text[])) as place
    on observation.ref_area = place.ref_area
group by
    observation.indicator,
    observation.time_period,
    observation.source,
    observation.geo_basis;
