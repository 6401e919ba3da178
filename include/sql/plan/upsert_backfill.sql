-- Stores the plan of a backfill, in place of the one that an earlier try of its run made.
insert into ops.backfill_plan (
    dag_id, run_id, source, interval_start, interval_end, reprocess, dry_run, planned_at,
    least_requests, least_calls, least_seconds, most_requests, most_calls, most_seconds,
    at_least, runs_at_once, requests_per_second, requests_per_minute, account, account_limits, account_calls
)
values (
    :dag_id, :run_id, :source, :interval_start, :interval_end, :reprocess, :dry_run, :planned_at,
    :least_requests, :least_calls, :least_seconds, :most_requests, :most_calls, :most_seconds,
    :at_least, :runs_at_once, :requests_per_second, :requests_per_minute,
    :account, cast(:account_limits as jsonb), :account_calls
)
on conflict (dag_id, run_id) do update
    set
        source = excluded.source,
        interval_start = excluded.interval_start,
        interval_end = excluded.interval_end,
        reprocess = excluded.reprocess,
        dry_run = excluded.dry_run,
        planned_at = excluded.planned_at,
        least_requests = excluded.least_requests,
        least_calls = excluded.least_calls,
        least_seconds = excluded.least_seconds,
        most_requests = excluded.most_requests,
        most_calls = excluded.most_calls,
        most_seconds = excluded.most_seconds,
        at_least = excluded.at_least,
        runs_at_once = excluded.runs_at_once,
        requests_per_second = excluded.requests_per_second,
        requests_per_minute = excluded.requests_per_minute,
        account = excluded.account,
        account_limits = excluded.account_limits,
        account_calls = excluded.account_calls
returning backfill_plan_id;
