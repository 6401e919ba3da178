-- The ledger entry of one file of cases.
select
    best_practice_load_id,
    added,
    revised,
    unchanged
from ops.best_practice_load
where best_practice_load_id = :best_practice_load_id;
