-- Wait until no publication of the source :source is under way.
select pg_advisory_xact_lock_shared(hashtextextended('publish ' || :source, 0));
