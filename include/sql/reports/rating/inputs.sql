-- Grain: city × year × indicator × whether the observation is national. What a rating chooses from at a moment,
-- since the observations of a ratio are both national or both not: the preferred observation within so many years,
-- observed (no projections), in one unit; with its declared correction. Observations that were first known later
-- than :keys_known_at are left out.
with
place as (
    select
        ref_area as city,
        ref_area
    from unnest(cast(:cities as text[])) as ref_area
    union all
    select
        ref_area as city,
        country as ref_area
    from unnest(cast(:cities as text[]), cast(:countries as text[])) as city (ref_area, country)
),

-- Apart, so that the planner does not join place by place. No more columns than are needed: each further one
-- would be looked up in the versions.
observation as materialized (
    select
        known.ref_area,
        known.indicator,
        known.time_period,
        known.obs_value,
        known.unit_measure,
        known.obs_status,
        known.geo_basis,
        known.source,
        known.version
    from core.observations_as_of(cast(:known_at as timestamptz)) as known
    where
        known.indicator = any(:indicators)
        and known.time_period >= :first_period
        and known.time_period <= :last_period
        and known.obs_status <> 'F'
        and (
            cast(:keys_known_at as timestamptz) = 'infinity'
            or exists (
                select from core.observation_version as first_said
                where
                    first_said.indicator = known.indicator
                    and first_said.time_period = known.time_period
                    and first_said.ref_area = known.ref_area
                    and first_said.source = known.source
                    and first_said.version = 1
                    and first_said.known_from <= cast(:keys_known_at as timestamptz)
            )
        )
),

counted as (
    select
        indicator,
        unit_measure,
        time_period,
        count(*) as observations
    from observation
    group by indicator, unit_measure, time_period
),

-- Price bases are never mixed: of the units that an indicator may have, that of most observations is taken. Each
-- year counts its own, so that it is rated in the same one whichever other years are asked for.
measured as (
    select distinct on (target.time_period, accepted.indicator)
        target.time_period,
        accepted.indicator,
        accepted.unit_measure
    from unnest(cast(:periods as text[])) as target (time_period)
    cross join
        unnest(cast(:accepted_for as text[]), cast(:accepted_units as text[]))
        with ordinality as accepted (indicator, unit_measure, preference)
    left join counted
        on
            accepted.indicator = counted.indicator
            and accepted.unit_measure = counted.unit_measure
            and target.time_period >= counted.time_period
            and (target.time_period::integer - :max_age)::text <= counted.time_period
    group by target.time_period, accepted.indicator, accepted.unit_measure, accepted.preference
    order by
        target.time_period asc,
        accepted.indicator asc,
        coalesce(sum(counted.observations), 0) desc,
        accepted.preference asc
)

select distinct on (place.city, target.time_period, observation.indicator, observation.geo_basis = 'country')
    place.city as ref_area,
    target.time_period,
    observation.indicator,
    observation.obs_value,
    observation.unit_measure,
    observation.time_period as raw_time_period,
    observation.obs_status,
    observation.geo_basis,
    observation.source,
    observation.ref_area as source_ref_area,
    observation.version,
    told.correction
from place
inner join observation on place.ref_area = observation.ref_area
inner join measured as target
    on
        observation.indicator = target.indicator
        and observation.unit_measure = target.unit_measure
        and observation.time_period <= target.time_period
        and observation.time_period >= (target.time_period::integer - :max_age)::text
left join report.corrections as told
    on
        observation.ref_area = told.ref_area
        and observation.indicator = told.indicator
        and observation.time_period = told.time_period
        and observation.source = told.source
        and observation.version = told.version
order by
    place.city asc,
    target.time_period asc,
    observation.indicator asc,
    observation.geo_basis = 'country' asc,
    core.preference(
        observation.geo_basis, observation.source, observation.time_period,
        cast(:bases as text[]), cast(:sources as text[])
    ) asc;
