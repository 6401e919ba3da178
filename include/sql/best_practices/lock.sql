-- One publication of cases at a time; released with the transaction.
select pg_advisory_xact_lock(hashtextextended('publish best_practice_cases', 0));
