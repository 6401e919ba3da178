-- Serialises publications of cases; released with the transaction.
select pg_advisory_xact_lock(hashtextextended('publish best_practice_cases', 0));
