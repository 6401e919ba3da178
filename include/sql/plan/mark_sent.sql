-- Records that a request is sent.
update ops.request_plan
set sent_at = :sent_at
where account = :account and dag_id = :dag_id and run_id = :run_id and position = :position;
