-- Stores an interval of the plan of a backfill.
insert into ops.backfill_plan_interval (
    backfill_plan_id, interval_start, interval_end, action, load_ids, fetched_at, observations, requests,
    at_least
)
values (
    :backfill_plan_id, :interval_start, :interval_end, :action, :load_ids, :fetched_at, :observations,
    :requests, :at_least
);
