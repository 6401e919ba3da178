-- The refused rows of one file, for the answer beside it.
select
    row_number,
    case_id,
    rule,
    reason,
    raw_row
from quality.rejected_case
where case_load_id = :case_load_id
order by row_number;
