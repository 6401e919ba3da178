-- Which revision of a source a load held, and when the requests of a metered service are to be sent.

alter table ops.load
add column revision text,
add column declaration text;

create table ops.request_plan (
    account text not null,
    dag_id text not null,
    run_id text not null,
    position integer not null,
    send_at timestamptz not null,
    calls double precision not null check (calls > 0),
    path text not null,
    params jsonb not null,
    planned_at timestamptz not null,
    sent_at timestamptz,
    primary key (account, dag_id, run_id, position)
);

create index on ops.request_plan (account, send_at);
