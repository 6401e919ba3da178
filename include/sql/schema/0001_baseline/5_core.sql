-- core: what a source said and when we knew it; append-only versions and their latest state.

-- A block is all that a source gives of an indicator and period.
create table core.observation_block (
    block_id integer generated always as identity primary key,
    source text not null references catalog.source,
    indicator text not null references catalog.indicator, time_period text collate "C" not null,
    figures integer not null,
    digest text,
    load_id bigint not null references ops.load,
    unique (indicator, time_period, source)
);
create index on core.observation_block (load_id);

-- What loads compare and reports read, by block; the rest of a figure is in its version. A figure that the
-- source took back has no value.
create table core.observation_state (
    block_id integer not null,
    ref_area text not null,
    version integer not null,
    obs_value double precision,
    unit_measure text not null, obs_status text not null, geo_basis text not null,
    load_id bigint not null,
    -- The fetch by which the source was last heard of the figure, which gave it or took it back.
    fetch_id bigint not null,
    constraint observation_state_pkey1 primary key (block_id, ref_area)
-- Room for every figure of a page to be revised in place, so that no index has to follow it.
) with (fillfactor = 50);

-- What a load refers to is checked once for the whole load, before it writes. It cannot go afterwards: loads
-- and fetches are held by ops.load_fetch, indicators and sources by core.observation_block, places by the
-- trigger of catalog.ref_area.
create table core.observation_version (
    ref_area text not null, indicator text not null, time_period text collate "C" not null,
    source text not null,
    version integer not null, freq text not null,
    obs_value double precision,
    unit_measure text not null, obs_status text not null, geo_basis text not null,
    withdrawn boolean not null,
    load_id bigint not null,
    fetch_id bigint, pointer text,
    known_from timestamptz not null,
    value_as_published text, unit_as_published text,
    primary key (indicator, time_period, source, ref_area, version),
    constraint withdrawn_without_value check (withdrawn = (obs_value is null))
);
create index on core.observation_version using brin (known_from);
create trigger append_only before update or delete or truncate on core.observation_version
for each statement execute function core.refuse_change();

-- Countries are ISO 3166-1 alpha-3, often not of our cities.
create table core.case_version (
    case_id text not null,
    version integer not null check (version > 0),
    city text not null, country text not null,
    ref_area text references catalog.ref_area,
    name_en text, name_ru text, name_zh text,
    cycle text, stage text, status text, field text,
    innovation_type text, innovation_kind text,
    sdgs text[] not null, criteria text[] not null,
    start_year integer,
    indicator text references catalog.indicator, outcome text,
    links text[] not null check (cardinality(links) > 0),
    evidence_links text[] not null,
    submitted_on date, note text,
    case_load_id bigint not null references ops.case_load,
    row_number integer not null, known_from timestamptz not null,
    primary key (case_id, version)
);
create index on core.case_version (case_load_id);
create trigger append_only before update or delete or truncate on core.case_version
for each statement execute function core.refuse_change();
grant select on core.observation_version, core.case_version to researcher;
