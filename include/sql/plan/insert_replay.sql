-- Stores what the replay of an archived load would change.
insert into ops.backfill_plan_replay (
    backfill_plan_id, load_id, interval_start, interval_end, fetched_at, accepted_rows,
    added, revised, withdrawn, unchanged, outdated, refusals, unreadable_because
)
values (
    :backfill_plan_id, :load_id, :interval_start, :interval_end, :fetched_at, :accepted_rows,
    :added, :revised, :withdrawn, :unchanged, :outdated, :refusals, :unreadable_because
);
