-- Grain: source × load. Inputs: ops.load, quality.checks_of_load, quality.coverage_of_load.
-- Rules and rows are those of the load. newest_period and the days since a fetch are those of its source now.
-- Places are those with a current observation of the source within the years of the load.
-- A fetch that found the source unchanged is not in the ledger: days count from the last one that is.
with load as (
    select *, rejected_rows / nullif(read_rows, 0)::double precision as rejected_share from ops.load
)

select
    load.load_id, load.source, load.dag_id, load.run_id, load.interval_start, load.interval_end,
    load.state, load.refusals, load.warnings, load.validated_at, load.published_at,
    override.accepted_by, override.reason as accepted_because,
    load.read_rows, load.accepted_rows, load.rejected_rows, load.rejected_share,
    coverage.newest_period, fetched.last_fetched_at, coverage.places_expected, coverage.places_with_value,
    coalesce(checks.rules_run, 0) as rules_run, coalesce(checks.rules_failed, 0) as rules_failed,
    coalesce(checks.rejected_by_rule, '{}') as rejected_by_rule,
    lag(load.rejected_share) over (partition by load.source order by load.load_id) as previous_rejected_share,
    extract(day from current_timestamp - fetched.last_fetched_at)::integer as days_since_fetch
from load
left join quality.coverage_of_load as coverage using (load_id)
left join archive.last_fetch as fetched using (source)
left join quality.checks_of_load as checks using (load_id)
left join ops.load_override as override using (load_id);
