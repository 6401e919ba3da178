-- Slots that a run gives back, because it now asks for something else.
delete from ops.request_plan
where account = :account and dag_id = :dag_id and run_id = :run_id and sent_at is null;
