-- Grain: load. Refused loads (or the one given) whose run waits for a steward, as far as the warehouse knows:
-- nobody accepted the load, its task did not fail since, and no later load of the source covers its interval.
-- Only the DAGs ingest_<source> wait; a submission is answered at once.
select
    load.load_id,
    load.source,
    source.name,
    load.dag_id,
    load.run_id,
    load.interval_start,
    load.interval_end,
    load.refusals,
    load.validated_at
from ops.load as load
inner join catalog.source as source on load.source = source.source
where
    load.state = 'refused'
    and load.dag_id = 'ingest_' || load.source
    and (cast(:load_id as bigint) is null or load.load_id = :load_id)
    and not exists (select from ops.load_override as override where override.load_id = load.load_id)
    and not exists (
        select from ops.task_failure as failure
        where
            failure.dag_id = load.dag_id
            and failure.run_id = load.run_id
            and failure.failed_at >= load.validated_at
    )
    and not exists (
        select from ops.load as later
        where
            later.source = load.source
            and later.load_id > load.load_id
            and later.interval_start <= load.interval_start
            and later.interval_end >= load.interval_end
    )
order by load.load_id desc;
