-- Grain: load. One load of the ledger, with its source and the steward who accepted it.
select
    load.load_id,
    load.source,
    source.name,
    source.publisher,
    source.licence,
    load.dag_id,
    load.run_id,
    load.interval_start,
    load.interval_end,
    load.indicators,
    load.partial,
    load.state,
    load.refusals,
    load.warnings,
    load.read_rows,
    load.accepted_rows,
    load.rejected_rows,
    load.empty_cells,
    load.out_of_scope_rows,
    load.validated_at,
    load.published_at,
    load.staged_path,
    load.staged_sha256,
    load.added,
    load.revised,
    load.withdrawn,
    load.unchanged,
    load.outdated,
    load.report_refresh_id,
    override.accepted_by,
    override.reason as accepted_because
from ops.load as load
inner join catalog.source as source on load.source = source.source
left join ops.load_override as override on load.load_id = override.load_id
where load.load_id = :load_id;
