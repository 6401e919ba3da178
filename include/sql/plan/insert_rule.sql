-- Stores how many rows a rule rejects when an archived load is replayed.
insert into ops.backfill_plan_rule (
    backfill_plan_id, load_id, interval_start, rule, rejected_before, rejected_now, newly_accepted,
    newly_rejected
)
values (
    :backfill_plan_id, :load_id, :interval_start, :rule, :rejected_before, :rejected_now, :newly_accepted,
    :newly_rejected
);
