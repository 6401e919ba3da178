-- Grain: city × year × indicator × whether the observation is national. The candidate observations of a
-- rating at a moment: the preferred observed one (no projections) of the last years up to the maximum age, in
-- one unit, with its declared corrections. National and other observations stay apart, because both parts of
-- a ratio must be of one kind. Leaves out observations that were first known after :keys_known_at.
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

-- Materialized, so that the planner does not join place by place. Has only the columns that are needed:
-- any further one would be looked up in the versions.
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
                select from core.observation_version as first_version
                where
                    first_version.indicator = known.indicator
                    and first_version.time_period = known.time_period
                    and first_version.ref_area = known.ref_area
                    and first_version.source = known.source
                    and first_version.version = 1
                    and first_version.known_from <= cast(:keys_known_at as timestamptz)
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

-- Price bases are never mixed: of the units accepted for an indicator, that of most observations is used.
-- Each year counts its own observations, so that its unit does not depend on the other years requested.
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
    corrections.correction
from place
inner join observation on place.ref_area = observation.ref_area
inner join measured as target
    on
        observation.indicator = target.indicator
        and observation.unit_measure = target.unit_measure
        and observation.time_period <= target.time_period
        and observation.time_period >= (target.time_period::integer - :max_age)::text
left join report.corrections as corrections
    on
        observation.ref_area = corrections.ref_area
        and observation.indicator = corrections.indicator
        and observation.time_period = corrections.time_period
        and observation.source = corrections.source
        and observation.version = corrections.version
order by
    place.city asc,
    target.time_period asc,
    observation.indicator asc,
    observation.geo_basis = 'country' asc,
    core.preference(
        observation.geo_basis, observation.source, observation.time_period,
        cast(:bases as text[]), cast(:sources as text[])
    ) asc;
