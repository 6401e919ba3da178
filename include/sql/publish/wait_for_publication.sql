-- Waits until the current publication of a source has ended.
select pg_advisory_xact_lock_shared(hashtextextended('publish ' || :source, 0));
