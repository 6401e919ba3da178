-- Grain: load. The places of the catalogue that its source may give, and those with an observation of the source
-- now within the years that the load spoke of.
create view quality.coverage_of_load as
with place as (
    select ref_area, 'city' as kind from catalog.city
    union all
    select ref_area, 'country' as kind from catalog.country
),

-- Grain: source × period × place, so that a hundred loads are not each held against every observation.
known as (
    select distinct observation.source, observation.time_period, place.ref_area, place.kind
    from core.observation as observation
    inner join place using (ref_area)
),

held as (
    select source, max(time_period) as newest_period, array_agg(distinct kind) as kinds from known
    group by source
),

expected as (
    select held.source, held.newest_period, count(*)::integer as places
    from held
    inner join place on place.kind = any(held.kinds)
    group by held.source, held.newest_period
),

covered as (
    select load.load_id, count(distinct known.ref_area)::integer as places
    from ops.load as load
    inner join known
        on load.source = known.source
            -- A year belongs to the load if it begins within the interval.
            and known.time_period >= (extract(year from load.interval_start - 1) + 1)::text
            and known.time_period < (extract(year from load.interval_end - 1) + 1)::text
    group by load.load_id
)

select
    load.load_id, expected.newest_period,
    expected.places as places_expected, coalesce(covered.places, 0) as places_with_value
from ops.load as load
left join expected using (source)
left join covered using (load_id);
