-- Serialises publications of a source; released with the transaction.
select pg_advisory_xact_lock(hashtextextended('publish ' || :source, 0));
