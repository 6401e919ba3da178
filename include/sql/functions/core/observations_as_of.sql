-- What core.observation would have shown at a moment; 'infinity' is now. Of a block that has not changed
-- since, the figures stand as they are; of another, the versions known then are read.
create function core.observations_as_of(known_at timestamptz)
returns table (
    ref_area text,
    indicator text,
    freq text,
    time_period text,
    obs_value double precision,
    unit_measure text,
    obs_status text,
    geo_basis text,
    source text,
    version integer,
    load_id bigint,
    fetch_id bigint,
    known_from timestamptz
)
language sql stable parallel safe
begin atomic
    select
        state.ref_area,
        state.indicator,
        version.freq,
        state.time_period,
        state.obs_value,
        state.unit_measure,
        state.obs_status,
        state.geo_basis,
        state.source,
        state.version,
        state.load_id,
        version.fetch_id,
        version.known_from
    from core.observation_latest as state
    left join core.observation_version as version
        on
            state.indicator = version.indicator
            and state.time_period = version.time_period
            and state.ref_area = version.ref_area
            and state.source = version.source
            and state.version = version.version
    where state.block_known_from <= $1 and state.obs_value is not null
    union all
    select
        then_known.ref_area,
        block.indicator,
        then_known.freq,
        block.time_period,
        then_known.obs_value,
        then_known.unit_measure,
        then_known.obs_status,
        then_known.geo_basis,
        block.source,
        then_known.version,
        then_known.load_id,
        then_known.fetch_id,
        then_known.known_from
    from core.block_latest as block
    cross join
        lateral (
            select distinct on (version.ref_area) version.*
            from core.observation_version as version
            where
                version.indicator = block.indicator
                and version.time_period = block.time_period
                and version.source = block.source
                and version.known_from <= $1
            order by version.ref_area desc, version.version desc
        ) as then_known
    where block.known_from > $1 and not then_known.withdrawn;
end;
