-- Grain: place × indicator × year. One series for each place and indicator, of one source and geographic
-- basis: the one with most observed years at a moment; of equal ones the preferred. All series of an
-- indicator are in one unit, that of most observations; of equal ones its own. Includes projections.
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
        known.indicator = any(cast(:indicators as text[]))
        and known.freq = 'A'
),

unit as (
    select distinct on (indicator)
        indicator,
        unit_measure
    from observation
    group by indicator, unit_measure
    order by
        indicator asc,
        count(*) filter (where obs_status <> 'F') desc,
        unit_measure = (cast(:units as text[]))[array_position(cast(:measured as text[]), indicator)] desc,
        unit_measure asc
),

series as (
    select distinct on (observation.ref_area, observation.indicator)
        observation.ref_area,
        observation.indicator,
        observation.source,
        observation.geo_basis,
        observation.unit_measure
    from observation
    inner join unit
        on observation.indicator = unit.indicator and observation.unit_measure = unit.unit_measure
    group by
        observation.ref_area,
        observation.indicator,
        observation.source,
        observation.geo_basis,
        observation.unit_measure
    order by
        observation.ref_area asc,
        observation.indicator asc,
        count(*) filter (where observation.obs_status <> 'F') desc,
        core.preference(
            observation.geo_basis, observation.source, null,
            cast(:bases as text[]), cast(:sources as text[])
        ) asc
)

select observation.*
from observation
inner join series
    on
        observation.ref_area = series.ref_area
        and observation.indicator = series.indicator
        and observation.source = series.source
        and observation.geo_basis = series.geo_basis
        and observation.unit_measure = series.unit_measure;
