-- The ledger entry of one load.
select
    load_id,
    state,
    refusals,
    read_rows,
    accepted_rows,
    rejected_rows,
    empty_cells,
    staged_path,
    added,
    revised,
    unchanged,
    outdated
from ops.load
where load_id = :load_id;
