-- Grain: observation. The observed values (no projections) of some indicators and years at a moment, of all
-- places, with their declared corrections. Leaves out those that were first known after :keys_known_at.
-- Has only the columns that are needed: any further one would be looked up in the versions.
select
    known.ref_area,
    known.indicator,
    known.time_period,
    known.obs_value,
    known.unit_measure,
    known.obs_status,
    known.geo_basis,
    known.source,
    known.version,
    corrections.correction
from core.observations_as_of(cast(:known_at as timestamptz)) as known
left join report.corrections as corrections
    on
        known.ref_area = corrections.ref_area
        and known.indicator = corrections.indicator
        and known.time_period = corrections.time_period
        and known.source = corrections.source
        and known.version = corrections.version
where
    known.indicator = any(cast(:indicators as text[]))
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
