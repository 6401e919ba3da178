-- Counts the rows of one load that each rule rejected, most first.
select
    rule,
    count(*) as n_rows
from quality.rejected_row
where load_id = :load_id
group by rule
order by n_rows desc, rule asc;
