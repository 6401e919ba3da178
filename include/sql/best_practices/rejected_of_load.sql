-- The rejected rows of one file, for the reply to its sender.
select
    row_number,
    case_id,
    rule,
    reason,
    raw_row
from quality.rejected_best_practice
where best_practice_load_id = :best_practice_load_id
order by row_number;
