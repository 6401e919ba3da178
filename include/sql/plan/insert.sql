-- Plans a request of a run, after those that its earlier tries have sent.
insert into ops.request_plan (
    account, dag_id, run_id, position, send_at, calls, path, params, planned_at
)
select
    :account,
    :dag_id,
    :run_id,
    coalesce(max(position), 0) + 1 as position,
    :send_at,
    :calls,
    :path,
    cast(:params as jsonb) as params,
    :planned_at
from ops.request_plan
where account = :account and dag_id = :dag_id and run_id = :run_id
returning position;
