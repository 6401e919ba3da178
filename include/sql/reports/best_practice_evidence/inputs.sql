-- Grain: city × indicator × series × year. The observations of pairs of an indicator and a city: of the city
-- itself and, for cities with a case and under their ids, of their countries; preferred series first. There
-- are projections among them.
with
pair as materialized (
    select
        listed.indicator,
        listed.city,
        unnest(array[listed.city, listed.country]) as ref_area
    from
        unnest(
            cast(:indicator_of_pair as text[]),
            cast(:city_of_pair as text[]),
            cast(:country_of_pair as text[])
        ) as listed (indicator, city, country)
)

select
    pair.city as ref_area,
    known.indicator,
    known.time_period,
    known.obs_value,
    known.obs_status,
    known.unit_measure,
    known.geo_basis,
    known.source,
    basis.city_level
from core.observations_as_of(cast(:known_at as timestamptz)) as known
inner join pair on known.indicator = pair.indicator and known.ref_area = pair.ref_area
inner join catalog.indicator as indicator on known.indicator = indicator.indicator
inner join catalog.geo_basis as basis on known.geo_basis = basis.geo_basis
where
    known.indicator = any(cast(:indicators as text[]))
    and indicator.freq = 'A'
    and (basis.city_level or pair.city = any(cast(:cities_with_cases as text[])))
order by
    core.preference(
        known.geo_basis, known.source, null, cast(:bases as text[]), cast(:sources as text[])
    ) asc,
    known.unit_measure asc;
