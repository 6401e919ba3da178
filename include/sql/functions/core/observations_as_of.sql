-- The rows of core.observation as known at a moment; 'infinity' is now. Reads the current observations of
-- blocks that have not changed since, and of other blocks the versions known then.
create function core.observations_as_of(known_at timestamptz)
returns table (
    ref_area text, indicator text, freq text, time_period text, obs_value double precision,
    unit_measure text, obs_status text, geo_basis text, source text, version integer,
    load_id bigint, fetch_id bigint, known_from timestamptz
)
language sql stable parallel safe
begin atomic
    select
        state.ref_area, state.indicator, version.freq, state.time_period, state.obs_value,
        state.unit_measure, state.obs_status, state.geo_basis, state.source, state.version,
        state.load_id, version.fetch_id, version.known_from
    from core.observation_latest as state
    left join core.observation_version as version using (indicator, time_period, ref_area, source, version)
    where state.block_known_from <= $1 and state.obs_value is not null
    union all
    select
        known.ref_area, block.indicator, known.freq, block.time_period, known.obs_value,
        known.unit_measure, known.obs_status, known.geo_basis, block.source, known.version,
        known.load_id, known.fetch_id, known.known_from
    from core.block_latest as block
    cross join
        lateral (
            select distinct on (version.ref_area) version.* from core.observation_version as version
            where version.indicator = block.indicator and version.time_period = block.time_period
                and version.source = block.source and version.known_from <= $1
            order by version.ref_area desc, version.version desc
        ) as known
    where block.known_from > $1 and not known.withdrawn;
end;
