-- Deletes the unsent requests of a run that now plans other ones.
delete from ops.request_plan
where account = :account and dag_id = :dag_id and run_id = :run_id and sent_at is null;
