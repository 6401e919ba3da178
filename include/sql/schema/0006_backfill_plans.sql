-- Adds the plans of backfills: what each costs, what is left to do for each interval, and what a replay of
-- the archive would change. A replayed load has no changes if its gate refuses it or it cannot be read.
create table ops.backfill_plan (
    backfill_plan_id bigint generated always as identity primary key,
    dag_id text not null, run_id text not null,
    source text not null references catalog.source,
    interval_start date not null, interval_end date not null,
    reprocess text not null check (reprocess in ('none', 'failed', 'completed')),
    dry_run boolean not null,
    planned_at timestamptz not null,
    least_requests integer not null, least_calls double precision not null, least_seconds double precision,
    most_requests integer not null, most_calls double precision not null, most_seconds double precision,
    at_least boolean not null,
    runs_at_once integer not null check (runs_at_once > 0),
    requests_per_second double precision, requests_per_minute double precision,
    account text, account_limits jsonb, account_calls double precision,
    unique (dag_id, run_id),
    constraint an_account_has_limits check (num_nulls(account, account_limits, account_calls) in (0, 3))
);
create index on ops.backfill_plan (planned_at);

create table ops.backfill_plan_interval (
    backfill_plan_id bigint not null references ops.backfill_plan,
    interval_start date not null, interval_end date not null,
    action text not null check (action in ('nothing', 'replay', 'fetch')),
    load_ids bigint[] not null,
    fetched_at timestamptz,
    observations integer not null,
    requests integer not null, at_least boolean not null,
    primary key (backfill_plan_id, interval_start)
);

create table ops.backfill_plan_replay (
    backfill_plan_id bigint not null references ops.backfill_plan,
    load_id bigint not null references ops.load,
    interval_start date not null, interval_end date not null,
    fetched_at timestamptz not null,
    accepted_rows integer,
    added integer, revised integer, withdrawn integer, unchanged integer, outdated integer,
    refusals text[] not null,
    unreadable_because text,
    primary key (backfill_plan_id, load_id, interval_start),
    constraint unreadable_or_read check ((unreadable_because is null) = (accepted_rows is not null)),
    constraint every_row_accepted_has_an_outcome
    check (added is null or accepted_rows = added + revised + unchanged + outdated)
);

create table ops.backfill_plan_rule (
    backfill_plan_id bigint not null,
    load_id bigint not null,
    interval_start date not null,
    rule text not null,
    rejected_before integer not null, rejected_now integer not null,
    newly_accepted integer not null, newly_rejected integer not null,
    primary key (backfill_plan_id, load_id, interval_start, rule),
    foreign key (backfill_plan_id, load_id, interval_start)
    references ops.backfill_plan_replay on delete cascade
);
