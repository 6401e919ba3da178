-- What ratings took from the catalogue at a moment, or the first that was stored if that is later.
select
    reference_id,
    document
from catalog.reference
order by
    known_from <= cast(:known_at as timestamptz) desc,
    case when known_from <= cast(:known_at as timestamptz) then -reference_id else reference_id end asc
limit 1;
