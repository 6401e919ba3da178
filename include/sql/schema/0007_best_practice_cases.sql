-- The base of best-practice cases: every version of a case, the files it came from, the rows refused.

-- A file of cases is dropped by a person, not fetched from a source of the catalogue: its load has the
-- address, sha256 and time of receipt itself.
create table ops.case_load (
    case_load_id bigint generated always as identity primary key,
    dag_id text not null,
    run_id text not null,
    url text not null,
    sha256 text not null references archive.snapshot,
    received_at timestamptz not null,
    read_rows integer not null,
    accepted_rows integer not null,
    rejected_rows integer not null,
    added integer not null,
    revised integer not null,
    unchanged integer not null,
    published_at timestamptz not null,
    unique (dag_id, run_id, url, sha256),
    constraint every_row_read_is_accepted_or_rejected check (read_rows = accepted_rows + rejected_rows),
    constraint every_row_accepted_has_an_outcome check (accepted_rows = added + revised + unchanged)
);

create table quality.rejected_case (
    case_load_id bigint not null references ops.case_load,
    row_number integer not null,
    case_id text,
    rule text not null,
    reason text not null,
    raw_row text not null,
    primary key (case_load_id, row_number)
);

-- Countries are ISO 3166-1 alpha-3, often not of our cities; terms are of include/catalog/cases.yaml.
create table core.case_version (
    case_id text not null,
    version integer not null check (version > 0),
    city text not null,
    country text not null,
    ref_area text references catalog.ref_area,
    name_en text,
    name_ru text,
    name_zh text,
    cycle text,
    stage text,
    status text,
    field text,
    innovation_type text,
    innovation_kind text,
    sdgs text[] not null,
    criteria text[] not null,
    start_year integer,
    indicator text references catalog.indicator,
    outcome text,
    links text[] not null check (cardinality(links) > 0),
    evidence_links text[] not null,
    submitted_on date,
    note text,
    case_load_id bigint not null references ops.case_load,
    row_number integer not null,
    known_from timestamptz not null,
    primary key (case_id, version)
);

create index on core.case_version (case_load_id);

create view core.case_current as
select distinct on (case_id)
    case_id,
    version,
    city,
    country,
    ref_area,
    name_en,
    name_ru,
    name_zh,
    cycle,
    stage,
    status,
    field,
    innovation_type,
    innovation_kind,
    sdgs,
    criteria,
    start_year,
    indicator,
    outcome,
    links,
    evidence_links,
    submitted_on,
    note,
    case_load_id,
    row_number,
    known_from
from core.case_version
order by case_id asc, version desc;

create or replace function core.refuse_change() returns trigger language plpgsql as $$
begin
    raise exception '%.% is append-only: publish a new version instead', tg_table_schema, tg_table_name;
end
$$;

create trigger append_only before update or delete or truncate on core.case_version
for each statement execute function core.refuse_change();

grant select on core.case_version, core.case_current to researcher;
