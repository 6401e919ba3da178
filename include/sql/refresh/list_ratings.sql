-- Records which ratings the catalogue no longer has a method for, and which it has one for again.
insert into catalog.rating_listed (rating, changed_at, listed)
with
known as (
    select
        method.rating,
        coalesce((array_agg(event.listed order by event.changed_at desc nulls last))[1], true) as listed
    from catalog.method as method
    left join catalog.rating_listed as event on method.rating = event.rating
    group by method.rating
)

select
    known.rating,
    cast(:changed_at as timestamptz) as changed_at,
    not known.listed as listed
from known
where known.listed <> (known.rating = any(:ratings))
returning rating, listed;
