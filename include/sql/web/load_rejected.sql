-- Grain: rejected row. The rows of a load that a rule rejected, or any rule, as published, some at a time.
select
    rejected.rule,
    rejected.reason,
    rejected.ref_area,
    rejected.indicator,
    rejected.time_period,
    rejected.value_as_published,
    rejected.pointer,
    rejected.raw_row,
    event.url
from quality.rejected_row as rejected
inner join archive.fetch_event as event on rejected.fetch_id = event.fetch_id
where rejected.load_id = :load_id and (cast(:rule as text) is null or rejected.rule = :rule)
order by rejected.rejected_row_id asc
limit :count offset :skip;
