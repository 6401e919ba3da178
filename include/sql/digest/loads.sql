-- Grain: source. The loads validated in a period, and the changes of those that are published.
select
    source,
    count(*) filter (where state = 'published') as published,
    count(*) filter (where state = 'refused') as refused,
    count(*) filter (where state = 'validated') as waiting,
    sum(read_rows) as read_rows,
    sum(rejected_rows) as rejected_rows,
    coalesce(sum(added), 0) as added,
    coalesce(sum(revised), 0) as revised,
    coalesce(sum(withdrawn), 0) as withdrawn
from ops.load
where validated_at >= :since and validated_at < :until
group by source
order by source;
