-- Loads that cost what they change: keys in the order in which loads write and ratings read, a digest of each
-- block of figures, and no check of references row by row.

-- What a load may refer to is checked once for the whole load, before it writes; what is referred to
-- cannot go: loads and fetches are held by ops.load_fetch, indicators and sources by core.observation_block,
-- places by the trigger below.
alter table core.observation_version
drop constraint observation_version_ref_area_fkey,
drop constraint observation_version_indicator_fkey,
drop constraint observation_version_source_fkey,
drop constraint observation_version_load_id_fkey,
drop constraint observation_version_fetch_id_fkey,
drop constraint observation_version_pkey,
add primary key (indicator, time_period, source, ref_area, version);

-- What a load changed is asked of the blocks.
drop index core.observation_version_load_id_idx;

-- A block is all that a source gives of an indicator and period.
create table core.observation_block (
    block_id integer generated always as identity primary key,
    source text not null references catalog.source,
    indicator text not null references catalog.indicator,
    time_period text collate "C" not null,
    figures integer not null,
    digest text,
    load_id bigint not null references ops.load,
    unique (indicator, time_period, source)
);

create index on core.observation_block (load_id);

insert into core.observation_block (source, indicator, time_period, figures, load_id)
select
    known.source,
    known.indicator,
    known.time_period,
    count(known.obs_value) as figures,
    -- Of two loads the one published last, which need not be the one judged last.
    (array_agg(known.load_id order by load.published_at desc))[1] as load_id
from core.observation_state as known
inner join ops.load as load on known.load_id = load.load_id
group by known.source, known.indicator, known.time_period
order by known.indicator, known.time_period, known.source;

-- The state keeps what loads compare and reports read, by block; the rest of a figure is in its version, and
-- the moment from which it is known is that of its load. A figure that the source took back has no value.
alter table core.observation_state rename to observation_state_before;

create table core.observation_state (
    block_id integer not null,
    ref_area text not null,
    version integer not null,
    obs_value double precision,
    unit_measure text not null,
    obs_status text not null,
    geo_basis text not null,
    load_id bigint not null,
    -- The fetch by which the source was last heard of the figure, which gave it or took it back.
    fetch_id bigint not null,
    primary key (block_id, ref_area)
-- Room for every figure of a page to be revised in place, so that no index has to follow it.
) with (fillfactor = 50);

insert into core.observation_state (
    block_id, ref_area, version, obs_value, unit_measure, obs_status, geo_basis, load_id, fetch_id
)
select
    block.block_id,
    known.ref_area,
    known.version,
    known.obs_value,
    known.unit_measure,
    known.obs_status,
    known.geo_basis,
    known.load_id,
    coalesce(
        known.fetch_id,
        (
            select event.fetch_id
            from ops.load_fetch
            inner join archive.fetch_event as event on load_fetch.fetch_id = event.fetch_id
            where load_fetch.load_id = known.load_id
            order by event.fetched_at
            limit 1
        )
    ) as fetch_id
from core.observation_state_before as known
inner join core.observation_block as block
    on
        known.source = block.source
        and known.indicator = block.indicator
        and known.time_period = block.time_period
order by block.block_id, known.ref_area;

create or replace view core.observation as
select
    state.ref_area,
    block.indicator,
    version.freq,
    block.time_period,
    state.obs_value,
    state.unit_measure,
    state.obs_status,
    state.geo_basis,
    block.source,
    state.version,
    state.load_id,
    version.fetch_id,
    version.known_from
from core.observation_state as state
inner join core.observation_block as block on state.block_id = block.block_id
left join core.observation_version as version
    on
        block.indicator = version.indicator
        and block.time_period = version.time_period
        and block.source = version.source
        and state.ref_area = version.ref_area
        and state.version = version.version
where state.obs_value is not null;

drop table core.observation_state_before;

create function core.refuse_forgetting_a_place() returns trigger language plpgsql as $$
begin
    if exists (select from core.observation_state where ref_area = old.ref_area) then
        raise exception 'catalog.ref_area %: figures refer to it, so it stays known', old.ref_area
        using errcode = 'foreign_key_violation';
    end if;
    return old;
end
$$;

create trigger figures_keep_their_place before delete on catalog.ref_area
for each row execute function core.refuse_forgetting_a_place();
