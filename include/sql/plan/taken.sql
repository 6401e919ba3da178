-- The calls of an account that a limit may still count, sent or planned.
select
    calls,
    sent_at is not null as is_sent,
    coalesce(sent_at, send_at) as counted_at
from ops.request_plan
where account = :account and coalesce(sent_at, send_at) > :since;
