-- The warehouse: what is declared, what was fetched, what was judged, what is known.

create schema catalog;
create schema archive;
create schema ops;
create schema quality;
create schema core;
create schema report;

-- catalog: loaded from include/catalog, never edited by hand

create table catalog.unit (
    unit_measure text primary key,
    name_en text not null,
    name_ru text not null,
    name_zh text not null
);

create table catalog.indicator (
    indicator text primary key,
    name_en text not null,
    name_ru text not null,
    name_zh text not null,
    definition text not null,
    unit_measure text not null references catalog.unit,
    direction text not null check (direction in ('higher', 'lower', 'context')),
    pillar text not null,
    freq text not null,
    range_min double precision not null,
    range_max double precision not null
);

create table catalog.source (
    source text primary key,
    name text not null,
    publisher text not null,
    base_url text not null,
    licence text not null,
    licence_url text not null,
    attribution text not null
);

create table catalog.ref_area (
    ref_area text primary key,
    kind text not null check (kind in ('city', 'country')),
    name_en text not null,
    name_ru text not null,
    name_zh text not null
);

create table catalog.country (
    ref_area text primary key references catalog.ref_area,
    iso2 text not null,
    m49 text not null
);

create table catalog.city (
    ref_area text primary key references catalog.ref_area,
    country text not null references catalog.country,
    geonames_id bigint not null,
    wikidata_id text not null,
    unlocode text not null,
    latitude double precision not null,
    longitude double precision not null,
    timezone text not null,
    climate_class text not null
);

create table catalog.city_group (
    city_group text primary key,
    name_en text not null,
    name_ru text not null,
    name_zh text not null
);

create table catalog.city_group_member (
    city_group text not null references catalog.city_group,
    country text not null references catalog.country,
    valid_from date not null,
    valid_to date,
    primary key (city_group, country, valid_from)
);

-- archive: which bytes were received from where and when

create table archive.snapshot (
    sha256 text primary key check (sha256 ~ '^[0-9a-f]{64}$'),
    byte_count bigint not null,
    media_type text not null
);

create table archive.fetch_event (
    fetch_id bigint generated always as identity primary key,
    sha256 text not null references archive.snapshot,
    source text not null references catalog.source,
    url text not null,
    fetched_at timestamptz not null,
    etag text,
    last_modified text,
    unique (sha256, url, fetched_at)
);

-- ops: the ledger of loads and of report refreshes

create table ops.report_refresh (
    report_refresh_id bigint generated always as identity primary key,
    refreshed_at timestamptz not null,
    loads integer not null,
    ratings integer not null
);

create table ops.load (
    load_id bigint generated always as identity primary key,
    source text not null references catalog.source,
    dag_id text not null,
    run_id text not null,
    interval_start date not null,
    interval_end date not null,
    indicators text[] not null,
    state text not null check (state in ('validated', 'refused', 'published')),
    refusals text[] not null,
    read_rows integer not null,
    accepted_rows integer not null,
    rejected_rows integer not null,
    empty_cells integer not null,
    out_of_scope_rows integer not null,
    validated_at timestamptz not null,
    staged_path text not null,
    published_at timestamptz,
    added integer,
    revised integer,
    withdrawn integer,
    unchanged integer,
    outdated integer,
    report_refresh_id bigint references ops.report_refresh,
    constraint every_row_read_is_accepted_or_rejected check (read_rows = accepted_rows + rejected_rows),
    constraint every_row_accepted_has_an_outcome
    check (state <> 'published' or accepted_rows = added + revised + unchanged + outdated),
    constraint published_when check ((state = 'published') = (published_at is not null))
);

create index on ops.load (source, interval_start);
create index load_not_yet_reported on ops.load (load_id)
where state = 'published' and report_refresh_id is null;

create table ops.load_fetch (
    load_id bigint not null references ops.load,
    fetch_id bigint not null references archive.fetch_event,
    primary key (load_id, fetch_id)
);

-- quality: every judgement and every refusal

create table quality.validation (
    validation_id bigint generated always as identity primary key,
    load_id bigint not null references ops.load,
    suite text not null,
    success boolean not null,
    evaluated integer not null,
    failed integer not null,
    validated_at timestamptz not null,
    result jsonb not null
);

create index on quality.validation (load_id);

create table quality.rejected_row (
    rejected_row_id bigint generated always as identity primary key,
    load_id bigint not null references ops.load,
    source text not null,
    fetch_id bigint not null references archive.fetch_event,
    pointer text not null,
    ref_area text,
    indicator text not null,
    time_period text not null,
    value_as_published text not null,
    rule text not null,
    reason text not null,
    raw_row text not null
);

create index on quality.rejected_row (load_id);

-- core: what a source said and when we knew it; append-only versions and their latest state

create table core.observation_version (
    ref_area text not null references catalog.ref_area,
    indicator text not null references catalog.indicator,
    time_period text collate "C" not null,
    source text not null references catalog.source,
    version integer not null,
    freq text not null,
    obs_value double precision,
    unit_measure text not null,
    obs_status text not null,
    geo_basis text not null,
    withdrawn boolean not null,
    load_id bigint not null references ops.load,
    fetch_id bigint references archive.fetch_event,
    pointer text,
    known_from timestamptz not null,
    primary key (ref_area, indicator, time_period, source, version),
    constraint withdrawn_without_value check (withdrawn = (obs_value is null))
);

create index on core.observation_version (load_id);
create index on core.observation_version using brin (known_from);

create table core.observation_state (
    ref_area text not null,
    indicator text not null,
    time_period text collate "C" not null,
    source text not null,
    version integer not null,
    freq text not null,
    obs_value double precision,
    unit_measure text not null,
    obs_status text not null,
    geo_basis text not null,
    withdrawn boolean not null,
    load_id bigint not null,
    fetch_id bigint,
    fetched_at timestamptz not null,
    known_from timestamptz not null,
    primary key (ref_area, indicator, time_period, source)
);

create index on core.observation_state (source, indicator, time_period);

create view core.observation as
select
    ref_area,
    indicator,
    freq,
    time_period,
    obs_value,
    unit_measure,
    obs_status,
    geo_basis,
    source,
    version,
    load_id,
    fetch_id,
    known_from
from core.observation_state
where not withdrawn;

create function core.refuse_change() returns trigger language plpgsql as $$
begin
    raise exception 'core.observation_version is append-only: publish a new version instead';
end
$$;

create trigger append_only before update or delete or truncate on core.observation_version
for each statement execute function core.refuse_change();
