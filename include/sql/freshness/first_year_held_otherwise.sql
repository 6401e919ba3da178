-- The first year whose load, of those that touch it the one judged last, held another revision.
-- A refused load counts: its answer was judged, and is a steward's business. One in between does not.
with judged as (
    select
        load_id,
        revision,
        interval_start,
        interval_end
    from ops.load
    where
        source = :source
        and state in ('published', 'refused')
),

latest as (
    select distinct on (year.number)
        year.number,
        judged.revision
    from judged
    cross join
        lateral generate_series(
            extract(year from judged.interval_start)::integer,
            extract(year from judged.interval_end - 1)::integer
        ) as year (number)
    order by year.number asc, judged.load_id desc
)

select min(number)
from latest
where revision is distinct from :revision;
