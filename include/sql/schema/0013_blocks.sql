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

-- The state keeps what loads compare and reports read; the rest of a figure is in its version, and the moment
-- from which it is known is that of its load. A figure that the source took back has no value.
create or replace view core.observation as
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
from core.observation_state as state
left join core.observation_version as version
    on
        state.indicator = version.indicator
        and state.time_period = version.time_period
        and state.ref_area = version.ref_area
        and state.source = version.source
        and state.version = version.version
where state.obs_value is not null;

-- The fetch by which the source was last heard of the figure, which took it back or gave it.
update core.observation_state
set
    fetch_id = (
        select event.fetch_id
        from ops.load_fetch
        inner join archive.fetch_event as event on load_fetch.fetch_id = event.fetch_id
        where load_fetch.load_id = observation_state.load_id
        order by event.fetched_at
        limit 1
    )
where fetch_id is null;

alter table core.observation_state
drop constraint observation_state_pkey,
drop column freq,
drop column withdrawn,
drop column fetched_at,
drop column known_from,
alter column fetch_id set not null,
add primary key (indicator, time_period, source, ref_area),
-- Room for every figure of a page to be revised in place, so that no index has to follow it.
set (fillfactor = 50);

drop index if exists core.observation_state_source_indicator_time_period_idx;

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

create table core.observation_block (
    source text not null references catalog.source,
    indicator text not null references catalog.indicator,
    time_period text collate "C" not null,
    figures integer not null,
    digest text,
    load_id bigint not null references ops.load,
    primary key (source, indicator, time_period)
);

create index on core.observation_block (load_id);

insert into core.observation_block (source, indicator, time_period, figures, load_id)
select
    source,
    indicator,
    time_period,
    count(obs_value) as figures,
    max(load_id) as load_id
from core.observation_state
group by source, indicator, time_period;
