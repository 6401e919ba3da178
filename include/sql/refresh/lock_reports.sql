-- Serialises refreshes of reports; released with the transaction.
select pg_advisory_xact_lock(hashtextextended('refresh reports', 0));
