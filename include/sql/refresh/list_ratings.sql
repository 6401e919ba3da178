-- Records which ratings the catalogue no longer has a method for, and which it has one for again. A rating of
-- an older release may have no method in catalog.method.
insert into catalog.rating_listed (rating, changed_at, listed)
with
rated as (
    select rating from catalog.method
    union
    select rating from report.rating
),

known as (
    select
        rated.rating,
        coalesce((array_agg(event.listed order by event.changed_at desc nulls last))[1], true) as listed
    from rated
    left join catalog.rating_listed as event on rated.rating = event.rating
    group by rated.rating
)

select
    known.rating,
    cast(:changed_at as timestamptz) as changed_at,
    not known.listed as listed
from known
where known.listed <> (known.rating = any(:ratings))
returning rating, listed;
