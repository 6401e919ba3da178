-- The loaded revision of an interval: that of the latest published load that overlaps it, if that load
-- covered the entire interval under today's declaration.
with
latest as (
    select
        revision,
        declaration,
        interval_start,
        interval_end
    from ops.load
    where
        source = :source
        and state = 'published'
        and interval_start < :interval_end
        and interval_end > :interval_start
    order by published_at desc, load_id desc
    limit 1
)

select revision
from latest
where
    declaration = :declaration
    and interval_start <= :interval_start
    and interval_end >= :interval_end;
