-- Examples of rejected rows of one load: the first of every rule, then the second of every rule, and so on.
with
ranked as (
    select
        *,
        row_number() over (partition by rule order by rejected_row_id) as nth_of_rule
    from quality.rejected_row
    where load_id = :load_id
)

select
    pointer,
    ref_area,
    indicator,
    time_period,
    value_as_published,
    rule,
    reason
from ranked
order by nth_of_rule asc, rejected_row_id asc
limit :examples;
