-- One load with its source and, once published, the counts of what it changed.
select
    load.load_id,
    load.source,
    load.interval_start,
    load.interval_end,
    load.state,
    load.refusals,
    load.read_rows,
    load.accepted_rows,
    load.rejected_rows,
    load.added,
    load.revised,
    load.withdrawn,
    load.unchanged,
    load.outdated,
    source.name,
    source.publisher,
    source.licence,
    source.licence_url,
    source.attribution
from ops.load as load
inner join catalog.source as source on load.source = source.source
where load.load_id = :load_id;
