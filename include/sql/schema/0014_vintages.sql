-- What was known at any moment: figures, methods, and what ratings take from the catalogue.

create table catalog.geo_basis (
    geo_basis text primary key,
    preference integer not null unique,
    city_level boolean not null,
    name_en text not null,
    name_ru text not null,
    name_zh text not null
);

-- Cities, groups, precedence and units, as one document whenever one of them changes.
create table catalog.reference (
    reference_id bigint generated always as identity primary key,
    known_from timestamptz not null default current_timestamp,
    document jsonb not null
);

create table catalog.method (
    rating text not null,
    method_version text not null,
    known_from timestamptz not null,
    document jsonb not null,
    primary key (rating, method_version)
);

create trigger append_only before update or delete or truncate on catalog.reference
for each statement execute function core.refuse_change();

create trigger append_only before update or delete or truncate on catalog.method
for each statement execute function core.refuse_change();

create or replace function core.refuse_change() returns trigger language plpgsql as $$
begin
    raise exception '%.% is append-only: publish a new version instead', tg_table_schema, tg_table_name;
end
$$;

alter table ops.report_refresh
add column reference_id bigint references catalog.reference;

-- Grain: place × indicator × period × source. The latest version of each figure, without a value if it was
-- withdrawn, and since when its block is as it is.
create view core.observation_latest as
select
    state.ref_area,
    block.indicator,
    block.time_period,
    block.source,
    state.version,
    state.obs_value,
    state.unit_measure,
    state.obs_status,
    state.geo_basis,
    state.load_id,
    load.published_at as block_known_from
from core.observation_block as block
inner join ops.load as load on block.load_id = load.load_id
inner join core.observation_state as state on block.block_id = state.block_id;

-- Grain: indicator × period × source. Since when what a source gives of an indicator and period is as it is.
create view core.block_latest as
select
    block.indicator,
    block.time_period,
    block.source,
    block.figures,
    load.published_at as known_from
from core.observation_block as block
inner join ops.load as load on block.load_id = load.load_id;

grant select on core.observation_latest, core.block_latest to researcher;

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

grant execute on function core.observations_as_of(timestamptz) to researcher, steward;
