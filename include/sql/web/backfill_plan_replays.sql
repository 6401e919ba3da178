-- Grain: archived load × interval. What a replay of the archive would change, by a plan of a backfill.
select
    load_id,
    interval_start,
    interval_end,
    fetched_at,
    accepted_rows,
    added,
    revised,
    withdrawn,
    unchanged,
    outdated,
    refusals,
    unreadable_because
from ops.backfill_plan_replay
where backfill_plan_id = :backfill_plan_id
order by interval_start asc, load_id asc;
