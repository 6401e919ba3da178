-- Adds the digests that were sent: a day without one is a fault, which a watcher outside Airflow notices.
create table ops.digest (
    until timestamptz primary key,
    sent_at timestamptz not null
);
