-- A steward's acceptance of a load that its gate refused.

create table ops.load_override (
    load_id bigint primary key references ops.load,
    accepted_by text not null check (accepted_by ~ '\S'),
    reason text not null constraint reason_is_written check (reason ~ '\S'),
    decided_at timestamptz not null
);
