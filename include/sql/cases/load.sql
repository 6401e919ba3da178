-- The account of one file of cases.
select
    case_load_id,
    added,
    revised,
    unchanged
from ops.case_load
where case_load_id = :case_load_id;
