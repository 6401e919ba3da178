-- Deletes the intervals and replays of a plan that is made anew, with the counts by rule.
with intervals as (
    delete from ops.backfill_plan_interval
    where backfill_plan_id = :backfill_plan_id
)

delete from ops.backfill_plan_replay
where backfill_plan_id = :backfill_plan_id;
