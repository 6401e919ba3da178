-- Grain: city × series × year. The observations of the given indicators for each city and, under the city's
-- id, for its country; preferred series first. Includes projections.
select
    place.city as ref_area,
    known.indicator,
    known.time_period,
    known.obs_value,
    known.obs_status,
    known.unit_measure,
    known.geo_basis,
    known.source,
    basis.city_level
from core.places_of_cities(cast(:cities as text[]), cast(:countries as text[])) as place
inner join core.observations_as_of(cast(:known_at as timestamptz)) as known
    on place.ref_area = known.ref_area
inner join catalog.geo_basis as basis on known.geo_basis = basis.geo_basis
where
    known.indicator = any(cast(:indicators as text[]))
    and known.freq = 'A'
order by
    core.preference(
        known.geo_basis, known.source, null, cast(:bases as text[]), cast(:sources as text[])
    ) asc,
    known.unit_measure asc,
    place.city asc,
    known.time_period asc;
