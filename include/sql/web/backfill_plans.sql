-- Grain: plan. The plans of backfills, the newest first, some at a time, with the number of intervals by what
-- is left to do; total counts all plans.
select
    plan.backfill_plan_id,
    plan.source,
    source.name,
    plan.dag_id,
    plan.run_id,
    plan.interval_start,
    plan.interval_end,
    plan.dry_run,
    plan.planned_at,
    plan.most_requests,
    plan.most_seconds,
    plan.at_least,
    left_to_do.nothing,
    left_to_do.replays,
    left_to_do.fetches,
    count(*) over () as total
from ops.backfill_plan as plan
inner join catalog.source as source on plan.source = source.source
left join lateral (
    select
        count(*) filter (where planned.action = 'nothing') as nothing,
        count(*) filter (where planned.action = 'replay') as replays,
        count(*) filter (where planned.action = 'fetch') as fetches
    from ops.backfill_plan_interval as planned
    where planned.backfill_plan_id = plan.backfill_plan_id
) as left_to_do on true
order by plan.planned_at desc, plan.backfill_plan_id desc
limit :count offset :skip;
