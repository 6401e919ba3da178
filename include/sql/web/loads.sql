-- Grain: load. The loads of a source or of all, in a state or in any, the newest first, some at a time; total
-- counts them all.
select
    load.load_id,
    load.source,
    source.name,
    load.dag_id,
    load.run_id,
    load.interval_start,
    load.interval_end,
    load.state,
    load.refusals,
    load.warnings,
    load.validated_at,
    load.published_at,
    load.read_rows,
    load.accepted_rows,
    load.rejected_rows,
    load.added,
    load.revised,
    load.withdrawn,
    load.unchanged,
    load.outdated,
    override.accepted_by,
    count(*) over () as total
from ops.load as load
inner join catalog.source as source on load.source = source.source
left join ops.load_override as override on load.load_id = override.load_id
where
    (cast(:source as text) is null or load.source = :source)
    and (cast(:state as text) is null or load.state = :state)
order by load.load_id desc
limit :count offset :skip;
