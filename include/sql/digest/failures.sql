-- Grain: failed task. What failed within a span, after its last try.
select
    dag_id,
    run_id,
    task_id,
    failed_at,
    error
from ops.task_failure
where failed_at >= :since and failed_at < :until
order by failed_at asc, dag_id asc, task_id asc;
