-- Grain: rule. The rules that every row was checked against in the latest published load of each source of an
-- indicator, with the rows rejected in the latest loads and the warnings on current values.
with newest as (
    select distinct on (source) load_id
    from ops.load
    where :indicator = any(indicators) and state = 'published'
    order by source asc, load_id desc
),

checked as (
    select unnest(passed.rules) as rule
    from newest
    cross join quality.rules_checked(array[newest.load_id]) as passed
),

found as (
    select
        rule,
        0 as rejected,
        0 as warned
    from checked
    union all
    select
        rule,
        1 as rejected,
        0 as warned
    from report.rejected_rows
    where indicator = :indicator
    union all
    select
        rule,
        0 as rejected,
        1 as warned
    from report.warnings
    where indicator = :indicator
)

select
    rule,
    sum(rejected) as rejected,
    sum(warned) as warned
from found
group by rule
order by rejected desc, warned desc, rule asc;
