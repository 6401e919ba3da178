-- Blocks publications of all sources and of best practices until the transaction ends, so that whatever is
-- published afterwards has a later known_from. Returns a source that is being published right now, and so is
-- not blocked; null if there is none.
select min(source)
from (
    select source from catalog.source
    union all
    select 'best_practice_cases' as source
) as publishing
where not pg_try_advisory_xact_lock_shared(hashtextextended('publish ' || source, 0));
