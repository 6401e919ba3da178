-- Grain: interval. The intervals of a plan of a backfill, in their order.
select
    interval_start,
    interval_end,
    action,
    load_ids,
    fetched_at,
    observations,
    requests,
    at_least
from ops.backfill_plan_interval
where backfill_plan_id = :backfill_plan_id
order by interval_start asc;
