-- Grain: place × indicator × year. Of each place and indicator the series, of one source and one geographic
-- basis in the indicator's unit, that has most observed years at a moment; of equals that of the preferred
-- basis, then of the source that goes before others. All indicators if :indicators is null. Projections are
-- in it.
with
observation as materialized (
    select
        known.ref_area,
        known.indicator,
        known.time_period,
        known.obs_value,
        known.obs_status,
        known.unit_measure,
        known.geo_basis,
        known.source
    from core.observations_as_of(cast(:known_at as timestamptz)) as known
    where
        (cast(:indicators as text[]) is null or known.indicator = any(cast(:indicators as text[])))
        and known.freq = 'A'
        and known.unit_measure
        = (cast(:units as text[]))[array_position(cast(:measured as text[]), known.indicator)]
),

series as (
    select distinct on (ref_area, indicator)
        ref_area,
        indicator,
        source,
        geo_basis
    from observation
    group by ref_area, indicator, source, geo_basis
    order by
        ref_area asc,
        indicator asc,
        count(*) filter (where obs_status <> 'F') desc,
        array_position(cast(:bases as text[]), geo_basis) asc,
        (cast(:precedences as integer[]))[array_position(cast(:sources as text[]), source)] asc,
        source asc
)

select observation.*
from observation
inner join series
    on
        observation.ref_area = series.ref_area
        and observation.indicator = series.indicator
        and observation.source = series.source
        and observation.geo_basis = series.geo_basis;
