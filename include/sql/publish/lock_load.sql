-- The load to publish, locked until the transaction ends.
select
    load_id,
    source,
    interval_start,
    interval_end,
    indicators,
    partial,
    state,
    refusals,
    accepted_rows,
    staged_path,
    staged_sha256,
    added,
    revised,
    withdrawn,
    unchanged,
    outdated
from ops.load
where load_id = :load_id
for update;
