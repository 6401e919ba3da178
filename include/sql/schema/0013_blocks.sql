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

alter table core.observation_state
drop constraint observation_state_pkey,
add primary key (indicator, time_period, ref_area, source),
-- Room for a revised figure beside the one it replaces: no index has to follow it.
set (fillfactor = 90);

drop index core.observation_state_source_indicator_time_period_idx;

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
    count(*) filter (where not withdrawn) as figures
from core.observation_state
group by source, indicator, time_period;
