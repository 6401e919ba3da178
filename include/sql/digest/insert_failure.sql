-- Records a task that failed after its last try.
insert into ops.task_failure (dag_id, run_id, task_id, failed_at, error)
values (:dag_id, :run_id, :task_id, :failed_at, :error)
on conflict do nothing;
