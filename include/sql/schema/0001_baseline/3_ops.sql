-- ops: the ledger of loads and of report refreshes, plans of requests, checks of sources.

-- A file of cases comes from a person, not from a source of the catalogue: its load has the address, sha256
-- and time of receipt itself.
create table ops.case_load (
    case_load_id bigint generated always as identity primary key,
    dag_id text not null, run_id text not null,
    url text not null,
    sha256 text not null references archive.snapshot,
    received_at timestamptz not null,
    read_rows integer not null, accepted_rows integer not null, rejected_rows integer not null,
    added integer not null, revised integer not null, unchanged integer not null,
    published_at timestamptz not null,
    unique (dag_id, run_id, url, sha256),
    constraint every_row_accepted_has_an_outcome check (accepted_rows = added + revised + unchanged),
    constraint every_row_read_is_accepted_or_rejected check (read_rows = accepted_rows + rejected_rows)
);

create table ops.report_refresh (
    report_refresh_id bigint generated always as identity primary key,
    refreshed_at timestamptz not null,
    loads integer not null, ratings integer not null,
    reference_id bigint references catalog.reference,
    research_declaration text,
    case_load_id bigint references ops.case_load
);

create table ops.load (
    load_id bigint generated always as identity primary key,
    source text not null references catalog.source,
    dag_id text not null, run_id text not null,
    interval_start date not null, interval_end date not null,
    indicators text[] not null,
    state text not null check (state in ('validated', 'refused', 'published')),
    refusals text[] not null,
    read_rows integer not null, accepted_rows integer not null, rejected_rows integer not null,
    empty_cells integer not null, out_of_scope_rows integer not null,
    validated_at timestamptz not null,
    staged_path text not null,
    published_at timestamptz,
    added integer, revised integer, withdrawn integer, unchanged integer, outdated integer,
    report_refresh_id bigint references ops.report_refresh,
    revision text,
    declaration text,
    partial boolean not null default false,
    constraint every_row_accepted_has_an_outcome
    check (state <> 'published' or accepted_rows = added + revised + unchanged + outdated),
    constraint every_row_read_is_accepted_or_rejected check (read_rows = accepted_rows + rejected_rows),
    constraint published_when check ((state = 'published') = (published_at is not null))
);
create index on ops.load (source, interval_start);
create index load_not_yet_reported on ops.load (load_id)
where state = 'published' and report_refresh_id is null;

create table ops.lateness (
    source text not null references catalog.source,
    indicator text not null references catalog.indicator,
    reason text not null,
    told_at timestamptz not null,
    primary key (source, indicator, reason)
);

create table ops.load_fetch (
    load_id bigint not null references ops.load,
    fetch_id bigint not null references archive.fetch_event,
    primary key (load_id, fetch_id)
);

create table ops.load_override (
    load_id bigint primary key references ops.load,
    accepted_by text not null check (accepted_by ~ '\S'),
    reason text not null constraint reason_is_written check (reason ~ '\S'),
    decided_at timestamptz not null
);

create table ops.request_plan (
    account text not null,
    dag_id text not null, run_id text not null,
    position integer not null,
    send_at timestamptz not null,
    calls double precision not null check (calls > 0),
    path text not null, params jsonb not null,
    planned_at timestamptz not null,
    sent_at timestamptz,
    primary key (account, dag_id, run_id, position)
);
create index on ops.request_plan (account, send_at);

-- A fetch that finds nothing new is no load: here is kept that the source was asked.
create table ops.source_check (
    source text primary key references catalog.source,
    checked_at timestamptz not null, revision text, changed_at timestamptz
);

create table ops.task_failure (
    dag_id text not null, run_id text not null, task_id text not null,
    failed_at timestamptz not null,
    error text not null,
    primary key (dag_id, run_id, task_id, failed_at)
);
create index on ops.task_failure (failed_at);
