-- Grain: failed task. Tasks that failed after their last try in a period.
select
    dag_id,
    run_id,
    task_id,
    failed_at,
    error
from ops.task_failure
where failed_at >= :since and failed_at < :until
order by failed_at asc, dag_id asc, task_id asc;
