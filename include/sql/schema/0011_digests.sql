-- Adds the digests that were sent, with the sizes that they showed. A day without one is a fault, which
-- a watcher outside Airflow notices.
create table ops.digest (
    until timestamptz primary key,
    sent_at timestamptz not null,
    database_bytes bigint not null, archive_bytes bigint not null
);
