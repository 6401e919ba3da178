-- Grain: load. The five latest loads of a source, the latest first.
select
    load_id,
    validated_at,
    state,
    read_rows,
    rejected_rows
from ops.load
where source = :source
order by load_id desc
limit 5;
