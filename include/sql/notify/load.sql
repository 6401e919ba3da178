-- The ledger entry of one load, for notifications.
select
    load_id,
    source,
    interval_start,
    interval_end,
    refusals,
    warnings,
    read_rows,
    accepted_rows,
    rejected_rows,
    empty_cells,
    out_of_scope_rows
from ops.load
where load_id = :load_id;
