-- catalog: loaded from include/catalog, never edited by hand.

create table catalog.unit (
    unit_measure text primary key,
    name_en text not null, name_ru text not null, name_zh text not null
);

create table catalog.indicator (
    indicator text primary key,
    name_en text not null, name_ru text not null, name_zh text not null,
    definition text not null,
    unit_measure text not null references catalog.unit,
    direction text not null check (direction in ('higher', 'lower', 'context')),
    pillar text not null, freq text not null,
    range_min double precision not null, range_max double precision not null
);

-- Cities, groups, precedence and units, as one document whenever one of them changes.
create table catalog.reference (
    reference_id bigint generated always as identity primary key,
    known_from timestamptz not null default current_timestamp,
    document jsonb not null
);
create trigger append_only before update or delete or truncate on catalog.reference
for each statement execute function core.refuse_change();

create table catalog.source (
    source text primary key,
    name text not null, publisher text not null, base_url text not null,
    licence text not null, licence_url text not null, attribution text not null,
    precedence integer not null default 100
);

create table catalog.ref_area (
    ref_area text primary key,
    kind text not null check (kind in ('city', 'country')),
    name_en text not null, name_ru text not null, name_zh text not null
);
create trigger figures_keep_their_place before delete on catalog.ref_area
for each row execute function core.refuse_forgetting_a_place();

create table catalog.country (
    ref_area text primary key references catalog.ref_area,
    iso2 text not null,
    m49 text not null
);

create table catalog.city (
    ref_area text primary key references catalog.ref_area,
    country text not null references catalog.country,
    geonames_id bigint not null, wikidata_id text not null, unlocode text not null,
    latitude double precision not null, longitude double precision not null,
    timezone text not null, climate_class text not null
);

create table catalog.geo_basis (
    geo_basis text primary key,
    preference integer not null unique,
    city_level boolean not null,
    name_en text not null, name_ru text not null, name_zh text not null
);

-- The words that best-practice cases use, of include/catalog/cases.yaml.
create table catalog.case_term (
    vocabulary text not null,
    term text not null,
    position integer not null check (position > 0),
    name_en text not null, name_ru text not null, name_zh text not null,
    primary key (vocabulary, term)
);

create table catalog.city_group (
    city_group text primary key,
    name_en text not null, name_ru text not null, name_zh text not null
);

create table catalog.city_group_member (
    city_group text not null references catalog.city_group,
    country text not null references catalog.country,
    valid_from date not null, valid_to date,
    primary key (city_group, country, valid_from)
);

create table catalog.expectation (
    source text not null references catalog.source,
    indicator text not null references catalog.indicator,
    asked_within_days integer not null check (asked_within_days > 0),
    lag_days integer check (lag_days >= 0),
    last_period text collate "C",
    changed_within_days integer check (changed_within_days > 0),
    primary key (source, indicator),
    constraint lag_or_last_period check ((lag_days is null) <> (last_period is null))
);

create table catalog.method (
    rating text not null,
    method_version text not null,
    known_from timestamptz not null,
    document jsonb not null,
    primary key (rating, method_version)
);
create trigger append_only before update or delete or truncate on catalog.method
for each statement execute function core.refuse_change();

-- A rating that was given up, or taken up again; without an event it has been there always.
create table catalog.rating_listed (
    rating text not null,
    changed_at timestamptz not null,
    listed boolean not null,
    primary key (rating, changed_at)
);
create trigger append_only before update or delete or truncate on catalog.rating_listed
for each statement execute function core.refuse_change();

-- What the products of the research were ever declared by; ops.report_refresh names one by its SHA-256.
create table catalog.research (
    declaration text primary key,
    document jsonb not null
);
create trigger append_only before update or delete or truncate on catalog.research
for each statement execute function core.refuse_change();
