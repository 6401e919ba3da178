-- Wait until no publication is under way, and hold back new ones until the transaction ends: what becomes
-- known later is then known from a later moment.
select pg_advisory_xact_lock_shared(hashtextextended('publish ' || each.source, 0))
from (
    select source
    from catalog.source
    order by source
) as each;
