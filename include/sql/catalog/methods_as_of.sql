-- The method of each rating in force at a moment, or its first one if that is later. Leaves out ratings that
-- were given up by then.
select distinct on (rating)
    rating,
    document::text as document
from catalog.method
where
    coalesce(
        (
            select event.listed
            from catalog.rating_listed as event
            where event.rating = method.rating and event.changed_at <= cast(:known_at as timestamptz)
            order by event.changed_at desc
            limit 1
        ),
        true
    )
order by
    rating asc,
    known_from <= cast(:known_at as timestamptz) desc,
    case
        when known_from <= cast(:known_at as timestamptz) then -extract(epoch from known_from)
        else extract(epoch from known_from)
    end asc,
    method_version desc;
