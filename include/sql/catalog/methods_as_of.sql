-- The method of each rating in force at a moment; before the first that was kept, that one.
select distinct on (rating)
    rating,
    document
from catalog.method
order by
    rating asc,
    known_from <= cast(:known_at as timestamptz) desc,
    case
        when known_from <= cast(:known_at as timestamptz) then -extract(epoch from known_from)
        else extract(epoch from known_from)
    end asc,
    method_version desc;
