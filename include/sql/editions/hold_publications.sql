-- Blocks publications of all sources until the transaction ends, so that whatever is published afterwards has
-- a later known_from. Returns a source that is being published right now, and so is not blocked; null if
-- there is none.
select min(source)
from catalog.source
where not pg_try_advisory_xact_lock_shared(hashtextextended('publish ' || source, 0));
