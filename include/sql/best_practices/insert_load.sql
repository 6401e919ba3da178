-- Records a file of cases and its counts; the database requires read = accepted + rejected.
insert into ops.best_practice_load (
    dag_id, run_id, url, sha256, received_at, read_rows, accepted_rows, rejected_rows, added, revised,
    unchanged, published_at
)
values (
    :dag_id, :run_id, :url, :sha256, :received_at, :read_rows, :accepted_rows, :rejected_rows, :added,
    :revised, :unchanged, :published_at
)
returning best_practice_load_id;
