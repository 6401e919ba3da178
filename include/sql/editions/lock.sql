-- Serialises publications of editions; released with the transaction.
select pg_advisory_xact_lock(hashtextextended('editions', 0));
