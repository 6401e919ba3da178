-- What core.observation would have shown at a moment; 'infinity' is now. Of a block that has not changed
-- since, the observations stand as they are; of another, the versions known then are read.
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
        said.ref_area, block.indicator, said.freq, block.time_period, said.obs_value,
        said.unit_measure, said.obs_status, said.geo_basis, block.source, said.version,
        said.load_id, said.fetch_id, said.known_from
    from core.block_latest as block
    cross join
        lateral (
            select distinct on (version.ref_area) version.* from core.observation_version as version
            where version.indicator = block.indicator and version.time_period = block.time_period
                and version.source = block.source and version.known_from <= $1
            order by version.ref_area desc, version.version desc
        ) as said
    where block.known_from > $1 and not said.withdrawn;
end;
