-- The first year whose load, of those that touch it the one validated last, held another revision.
-- A refused load counts: its answer was validated, and is a steward's business. One in between does not.
-- None if the watch has started a load since the source tells this revision, and it failed in a way that
-- asking again will not mend: what was mended is loaded by clearing that run.
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

given_up as (
    select
    from ops.source_check as told
    inner join ops.task_failure as failure
        on coalesce(told.changed_at, '-infinity') <= failure.failed_at
    where
        told.source = :source
        and told.revision = :revision
        and failure.dag_id = 'ingest_' || told.source
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
    and not exists (select from given_up);
