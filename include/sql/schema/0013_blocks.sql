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
add primary key (indicator, time_period, ref_area, source, version);

-- Versions are appended in the order of their loads, so ranges of pages say where a load's are.
drop index core.observation_version_load_id_idx;
create index on core.observation_version using brin (load_id) with (autosummarize = on);

-- The state keeps what loads compare and reports read; the rest of a figure is in its version.
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
    state.known_from
from core.observation_state as state
left join core.observation_version as version
    on
        state.indicator = version.indicator
        and state.time_period = version.time_period
        and state.ref_area = version.ref_area
        and state.source = version.source
        and state.version = version.version
where state.obs_value is not null;

alter table core.observation_state
drop constraint observation_state_pkey,
drop column freq,
drop column fetch_id,
drop column withdrawn,
add primary key (indicator, time_period, ref_area, source),
-- Room for a revised figure beside the one it replaces: no index has to follow it.
set (fillfactor = 90);

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
    load_id bigint references ops.load,
    primary key (source, indicator, time_period)
);

insert into core.observation_block (source, indicator, time_period, figures)
select
    source,
    indicator,
    time_period,
    count(obs_value) as figures
from core.observation_state
group by source, indicator, time_period;
