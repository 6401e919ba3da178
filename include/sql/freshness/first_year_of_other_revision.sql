-- The first year whose latest load has another revision than the source reports now.
-- Refused loads count, because their data were validated and a steward decides on them. Loads that are
-- validated but not yet published do not.
-- Returns null if the watch has already started a load of this revision and it failed with an error that a
-- retry cannot fix: once the cause is fixed, clear that run.
with validated as (
    select
        load_id,
        revision,
        interval_start,
        interval_end
    from ops.load
    where
        source = :source
        and state in ('published', 'refused')
),

failed as (
    select
    from ops.source_check as checked
    inner join ops.task_failure as failure
        on coalesce(checked.changed_at, '-infinity') <= failure.failed_at
    where
        checked.source = :source
        and checked.revision = :revision
        and failure.dag_id = 'ingest_' || checked.source
        and failure.run_id like 'revision\_\_%'
        and split_part(failure.error, ':', 1) in ('SourceContractError', 'CorrectionExpiredError')
),

latest as (
    select distinct on (year.number)
        year.number,
        validated.revision
    from validated
    cross join
        lateral generate_series(
            extract(year from validated.interval_start)::integer,
            extract(year from validated.interval_end - 1)::integer
        ) as year (number)
    order by year.number asc, validated.load_id desc
)

select min(latest.number)
from latest
where
    latest.revision is distinct from :revision
    and not exists (select from failed);
