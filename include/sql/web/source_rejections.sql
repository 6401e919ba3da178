-- Grain: rule. The rows of all loads of a source that were rejected, the most frequent rule first, with the
-- latest of them as an example.
select
    rejected.rule,
    count(*) as row_count,
    count(distinct rejected.load_id) as loads,
    array_agg(distinct rejected.indicator) as indicators,
    (array_agg(rejected.reason order by rejected.rejected_row_id desc))[1] as example
from quality.rejected_row as rejected
inner join ops.load as load using (load_id)
where load.source = :source
group by rejected.rule
order by row_count desc, rejected.rule asc;
