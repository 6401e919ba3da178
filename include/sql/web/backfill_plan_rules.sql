-- Grain: rule. The rows that each rule rejected and would reject, in all loads that a plan would replay.
select
    rule,
    sum(rejected_before) as rejected_before,
    sum(rejected_now) as rejected_now,
    sum(newly_accepted) as newly_accepted,
    sum(newly_rejected) as newly_rejected
from ops.backfill_plan_rule
where backfill_plan_id = :backfill_plan_id
group by rule
order by rule asc;
