-- What the ledger says of one load, for those who are told of it.
select
    load_id,
    source,
    interval_start,
    interval_end,
    refusals,
    read_rows,
    accepted_rows,
    rejected_rows
from ops.load
where load_id = :load_id;
