-- Grain: DAG. Tasks that failed after their last try.
select
    dag_id,
    count(*) as value
from ops.task_failure
group by dag_id
order by dag_id;
