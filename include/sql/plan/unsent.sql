-- The requests that an earlier try of this run planned but did not send.
select
    position,
    send_at,
    path,
    params
from ops.request_plan
where account = :account and dag_id = :dag_id and run_id = :run_id and sent_at is null
order by position;
