-- Grain: load. The places of the catalogue that the source may cover, and those with a current observation of
-- the source within the years of the load.
create view quality.coverage_of_load as
with place as (
    select ref_area, 'city' as kind from catalog.city
    union all
    select ref_area, 'country' as kind from catalog.country
),

-- Grain: source × period × place, so that not every load is joined to every observation.
known as (
    select distinct observation.source, observation.time_period, place.ref_area, place.kind
    from core.observation as observation
    inner join place using (ref_area)
),

source_kinds as (
    select source, max(time_period) as newest_period, array_agg(distinct kind) as kinds from known
    group by source
),

expected as (
    select source_kinds.source, source_kinds.newest_period, count(*)::integer as places
    from source_kinds
    inner join place on place.kind = any(source_kinds.kinds)
    group by source_kinds.source, source_kinds.newest_period
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
