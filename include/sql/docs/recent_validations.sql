-- The validation results of the latest loads with their ledger entries, for the Data Docs.
select
    load.load_id,
    load.source,
    load.interval_start,
    load.interval_end,
    load.dag_id,
    load.run_id,
    load.refusals,
    load.warnings,
    load.state,
    load.read_rows,
    load.rejected_rows,
    validation.suite,
    validation.success,
    validation.evaluated,
    validation.failed,
    validation.validated_at,
    validation.result
from quality.validation as validation
inner join ops.load as load on validation.load_id = load.load_id
where
    load.load_id in (
        select latest.load_id
        from ops.load as latest
        order by latest.load_id desc
        limit :loads
    )
order by load.load_id desc, validation.validation_id asc;
