-- Grain: plan. One plan of a backfill, with the name of its source.
select
    plan.backfill_plan_id,
    plan.source,
    source.name,
    plan.dag_id,
    plan.run_id,
    plan.interval_start,
    plan.interval_end,
    plan.reprocess,
    plan.dry_run,
    plan.planned_at,
    plan.least_requests,
    plan.least_calls,
    plan.least_seconds,
    plan.most_requests,
    plan.most_calls,
    plan.most_seconds,
    plan.at_least,
    plan.runs_at_once,
    plan.requests_per_second,
    plan.requests_per_minute,
    plan.account,
    plan.account_limits,
    plan.account_calls
from ops.backfill_plan as plan
inner join catalog.source as source on plan.source = source.source
where plan.backfill_plan_id = :backfill_plan_id;
