-- The rejected rows of one load, in the order of the file.
select
    pointer,
    indicator,
    time_period,
    value_as_published,
    rule,
    reason
from quality.rejected_row
where load_id = :load_id
order by rejected_row_id;
