-- One publication a source at a time; released with the transaction.
select pg_advisory_xact_lock(hashtextextended('publish ' || :source, 0));
