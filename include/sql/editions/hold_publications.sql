-- Hold back the publications of every source until the transaction ends: what becomes known later is then
-- known from a later moment. Tells a source of which one is under way, so that it is not held back.
select min(source)
from catalog.source
where not pg_try_advisory_xact_lock_shared(hashtextextended('publish ' || source, 0));
