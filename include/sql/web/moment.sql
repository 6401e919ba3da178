-- Everything that the database shows now: the snapshot changes with every transaction that writes and ends,
-- the minute with the clock, because pages show what is overdue.
select
    pg_current_snapshot()::text as shown,
    date_trunc('minute', current_timestamp) as minute;
