-- Grain: year × city × indicator. The observations that each city's profile would have had before each year:
-- the preferred observed ones that were known at a moment. Of one series only the latest year before counts,
-- so an observation is joined only with the years up to its next one.
with
begun as (
    select year
    from unnest(cast(:years as integer[])) as listed (year)
),

known as materialized (
    select
        ref_area,
        indicator,
        time_period,
        obs_value,
        geo_basis,
        source,
        lead(time_period) over (
            partition by indicator, source, geo_basis, ref_area collate "C" order by time_period
        ) as next_period
    from core.observations_as_of(cast(:known_at as timestamptz))
    where indicator = any(cast(:indicators as text[])) and obs_status <> 'F'
)

select distinct on (begun.year, place.city, known.indicator)
    begun.year,
    place.city as ref_area,
    known.indicator,
    known.obs_value,
    known.geo_basis
from begun
cross join core.places_of_cities(cast(:cities as text[]), cast(:countries as text[])) as place
inner join known
    on
        place.ref_area = known.ref_area
        and known.time_period < begun.year::text
        and (known.next_period is null or known.next_period >= begun.year::text)
order by
    begun.year asc,
    place.city asc,
    known.indicator asc,
    core.preference(
        known.geo_basis, known.source, known.time_period,
        cast(:bases as text[]), cast(:sources as text[])
    ) asc;
